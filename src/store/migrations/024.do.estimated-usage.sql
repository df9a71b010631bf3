-- Whether tokens are a tokenizer's estimate, since the server has counted none: of the attempt, and of any of the run's.

alter table model_attempts add column usage_estimated boolean not null default false;
alter table runs add column usage_estimated boolean not null default false;
