import type { Run } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { sayJson } from '../output.ts'

/**
 * What a run waits for that somebody else has to do; null where it goes on by itself, or by an answer that is yet to come.
 *
 * @param left the approvals that others have to decide; all where it is not given
 */
export function waitForOthers(
  { id, status, required_action: action }: Pick<Run, 'id' | 'status' | 'required_action'>,
  left?: ReadonlySet<string>,
): string | null {
  if (status !== 'requires_action' || action === undefined) return null
  if (action.type === 'budget') return `Run ${id} waits for more budget`
  if (left !== undefined && !action.approvals.every((approval) => left.has(approval))) return null
  return `Run ${id} waits for somebody else to decide ${action.approvals.join(', ')}`
}

/** The end of a conversation without a person: nobody knows when the run goes on. */
export function endWaiting(run: Run, what: string, { json }: { readonly json: boolean }): CommandError {
  if (json) sayJson(run)
  const thread = run.thread_id === undefined ? '' : `, then talk on with --thread ${run.thread_id}`
  return new CommandError(`${what}. Follow it with "holdfast runs tail ${run.id}"${thread}.`, EXIT.waits)
}
