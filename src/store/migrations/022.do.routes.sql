-- The routes of the run's agents that have rules about their models, by the agent's name: `{route, rule, cause, classifier}`. An
-- agent's first choice stands, until it escalates (`cause`). null until there is one.
alter table runs add column routes jsonb;
