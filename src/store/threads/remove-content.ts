import type { RunId } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { removeFilesOfRuns } from '../files/remove-files.ts'

/*
 * What was said in runs, and what was said about it by people: all of it goes. What stays is that something happened, when, in whose
 * name and at what cost: runs, their events, calls and approvals without their texts, and everything that money is counted by.
 */

/** Members of events that have texts, and what takes their place where an event has to have one. */
const SILENCED = `
  (data::jsonb - array['output', 'facts', 'comment', 'votes', 'summary']
    || case when data::jsonb ? 'preview' then '{"preview": ""}'::jsonb else '{}' end
    || case when data::jsonb ? 'tool_calls' then '{"tool_calls": []}'::jsonb else '{}' end)::json`

const OF_RUNS = 'run_id = any (:run_ids::text[])'

const REMOVALS = [
  statement('remove_messages', `delete from messages where ${OF_RUNS}`),
  statement('remove_inbox', `delete from inbox_messages where ${OF_RUNS}`),
  statement('remove_windows', `delete from context_windows where ${OF_RUNS}`),
  statement('remove_look_ups', `delete from call_look_ups where ${OF_RUNS}`),
  statement('remove_exchanges', `delete from wire_exchanges where ${OF_RUNS}`),
  statement('remove_parts', `delete from wire_parts where ${OF_RUNS}`),
  statement('silence_events', `update run_events set data = ${SILENCED} where ${OF_RUNS}`),
  statement(
    'silence_model_calls',
    `update model_calls set decision = (decision::jsonb || '{"preview": "", "toolCalls": []}')::json where ${OF_RUNS}`,
  ),
  statement(
    'silence_tool_calls',
    `update tool_calls set arguments = null, outcome = (outcome::jsonb || '{"preview": ""}')::json where ${OF_RUNS}`,
  ),
  statement('silence_votes', `update admitted_votes set message = null where ${OF_RUNS}`),
  statement(
    'silence_approvals',
    `
    update approvals set arguments = '{}', edited_arguments = null, facts = null, message = null, comment = null,
      votes = (select coalesce(jsonb_agg(vote - 'comment' - 'message'), '[]') from jsonb_array_elements(votes) as vote)
    where ${OF_RUNS}`,
  ),
  statement(
    'silence_runs',
    `
    update runs set output = null, output_fits = false, metadata = '{}', kept_state = null, resume = null,
      content_removed_at = clock_timestamp()
    where id = any (:run_ids::text[])`,
  ),
]

/** Removes the content of runs that have ended, with the files of their principals that nothing else refers to. To be called in a transaction. */
export async function removeContent(tx: Db, tenant: string, runIds: readonly RunId[]): Promise<void> {
  for (const removal of REMOVALS) await tx.query(removal.with({ run_ids: runIds }))
  // Last: from here to the commit nobody adds files of the tenant.
  await removeFilesOfRuns(tx, tenant, runIds)
}
