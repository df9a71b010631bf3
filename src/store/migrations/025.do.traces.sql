-- The trace that a run belongs to, as its caller has sent it, or as its parent has it. All null where nobody has sent one: then the
-- trace's id follows from the run's.
alter table runs
  add column trace_id text,
  -- The caller's span, or the tool call of the parent that has started the run.
  add column caller_span_id text,
  -- The caller's decision whether the trace is recorded.
  add column trace_sampled boolean;
