import type { Run } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { sayJson } from '../output.ts'

type Waiting = Pick<Run, 'id' | 'status' | 'required_action'>

/**
 * What a run waits for that this command does not give it; null where it goes on by itself, or by an answer that is yet to come.
 *
 * @param left the approvals that a conversation leaves open; all where it is not given
 */
export function describeWait(
  { id, status, required_action: action }: Waiting,
  left?: ReadonlySet<string>,
): string | null {
  if (status !== 'requires_action' || action === undefined) return null
  if (action.type === 'budget') return `Run ${id} waits for more budget`
  if (left !== undefined && !action.approvals.every((approval) => left.has(approval))) return null
  return `Run ${id} waits for a decision on ${action.approvals.join(', ')}`
}

/** What somebody can do about it. */
export function adviceOf({ id, required_action: action }: Waiting): string {
  if (action === undefined) return ''
  if (action.type === 'approval') {
    const commands = action.approvals.map((approval) => `"holdfast approvals decide ${approval} approve"`)
    return `Decide with ${commands.join(' and ')}`
  }
  const { scope, limit, period, resets_at: resetsAt } = action
  if (limit === 'kill_switch')
    return `The ${scope}'s kill switch is on: DELETE /v1/kill-switches/${scope}/NAME turns it off`
  if (scope === 'run') return `PATCH /v1/runs/${id}/budget gives it more`
  const later = resetsAt === undefined ? '' : `; it goes on by itself at ${resetsAt}`
  return `It is the ${scope}'s: PUT /v1/budgets/${scope}/NAME/${period ?? 'day'} gives more${later}`
}

/** The end of a conversation without a person: nobody knows when the run goes on. */
export function endWaiting(run: Run, what: string, { json }: { readonly json: boolean }): CommandError {
  if (json) sayJson(run)
  return new CommandError(`${what}. ${adviceOf(run)}. ${followText(run)}`, EXIT.waits)
}

/** What becomes of a run that a command leaves. @param place `seq` of the last event that was shown */
export function goesOn(run: Pick<Run, 'id' | 'thread_id'>, place = 0): string {
  return `Run ${run.id} goes on without this command. ${followText(run, place)}`
}

function followText({ id, thread_id: thread }: Pick<Run, 'id' | 'thread_id'>, place = 0): string {
  const after = place === 0 ? '' : ` --after ${place}`
  const talk = thread === undefined ? '' : `, then talk on with --thread ${thread}`
  return `Follow it with "holdfast runs tail ${id}${after}"${talk}.`
}
