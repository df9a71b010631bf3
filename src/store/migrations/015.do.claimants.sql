-- Who has claimed a call: a claim that is repeated since its answer was lost is told from one that comes after a dead worker's.

alter table tool_calls add column claimant text;
