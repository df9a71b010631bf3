-- What is sent to a run has bounds: how much it has dropped unread, and what of each person's lies in its history unanswered.

alter table runs add column dropped_submissions integer not null default 0;

-- How often the signal that names it was sent for a repeated request.
alter table inbox_messages add column signals integer not null default 0;

-- Signals that were sent for want of a worker to answer. They count until the run answers anything: it answers in order.
create table unanswered_signals (
  run_id text collate "C" not null,
  by text not null,
  tenant text not null,
  signals integer not null,
  primary key (run_id, by)
);
