-- How much of an attempt's worst case is output: one that was stopped before the provider sent a byte owes its input at most.

alter table model_attempts add column worst_output_micro_usd bigint;
