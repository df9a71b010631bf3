-- The second wall between tenants. A statement for a tenant runs as the role `holdfast_tenant` with `holdfast.tenant` set, and finds rows
-- of that tenant only; without the setting it finds none. Whoever else uses the tables finds all rows, as before: processes of earlier
-- releases, upkeep, people. The role itself is made beside the migrations (`src/store/database/tenants/tenant-role.ts`), since not everybody may make roles.

do $$
declare
  item text;
begin
  foreach item in array array[
    'admitted_budget_changes', 'admitted_votes', 'api_buckets', 'api_keys', 'approval_refusals', 'approvals', 'budget_windows', 'budgets', 'cache_entries',
    'cache_leases', 'cache_look_ups', 'call_look_ups', 'context_windows', 'daily_reports', 'file_contents', 'files', 'inbox_messages', 'kill_switches', 'memories', 'messages',
    'model_attempts', 'model_calls', 'refused_forgeries', 'run_events', 'run_files', 'runs', 'schedules', 'tenants', 'thread_turns', 'threads', 'tool_calls',
    'tools_used', 'unanswered_signals', 'webhook_deliveries', 'webhooks', 'wire_exchanges', 'wire_parts'
  ] loop
    execute format('alter table %I enable row level security', item);
    execute format(
      'create policy of_tenant on %I using (current_user <> ''holdfast_tenant'' or tenant = current_setting(''holdfast.tenant'', true))', item
    );
  end loop;
end
$$;

-- Tables whose rows are the tenant's of another row. Their policies see that row only where it is the tenant's.
alter table schedule_starts enable row level security;
create policy of_tenant on schedule_starts
  using (current_user <> 'holdfast_tenant' or exists (select from schedules where schedules.id = schedule_id));
alter table thread_windows enable row level security;
create policy of_tenant on thread_windows
  using (current_user <> 'holdfast_tenant' or exists (select from threads where threads.id = thread_id));
alter table usage_differences enable row level security;
create policy of_tenant on usage_differences
  using (current_user <> 'holdfast_tenant' or exists (select from runs where runs.id = run_id));
alter table webhook_secrets enable row level security;
create policy of_tenant on webhook_secrets
  using (current_user <> 'holdfast_tenant' or exists (select from webhooks where webhooks.id = webhook_id))
  -- A webhook and its first secret come in one statement, which does not see the webhook yet.
  with check (true);
alter table webhook_attempts enable row level security;
create policy of_tenant on webhook_attempts
  using (current_user <> 'holdfast_tenant' or exists (select from webhook_deliveries as delivery where delivery.id = delivery_id));

-- A view is read with the rights of whoever asks, and not of whoever has made it.
alter view thread_messages set (security_invoker = true);
alter view switches_in_force set (security_invoker = true);
