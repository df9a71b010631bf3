-- Tells whoever keeps an inbox that an approval is new or has changed, however it came to that. Approvals are few beside the
-- steps of runs, so a trigger costs nothing that would be noticed.

create function tell_approval() returns trigger language plpgsql as $$
begin
  perform pg_notify('holdfast_approval', new.id || ' ' || new.tenant);
  return null;
end
$$;

create trigger approvals_told after insert or update on approvals for each row execute function tell_approval();
