import type { HoldfastClient, RunStreamEntry } from '../../client/index.ts'
import { complain } from '../output.ts'
import { adviceOf, describeWait } from './describe-wait.ts'

/** After these a run may wait for somebody. */
const LOOKED_AT: readonly RunStreamEntry['type'][] = ['approval.requested', 'budget.reached']

/** Tells a person, beside the output, when a run waits for a decision or for budget, and what to do: once for each such wait. */
export function createWaitNotice(
  { runs }: Pick<HoldfastClient, 'runs'>,
  id: string,
  signal: AbortSignal,
): (entry: RunStreamEntry) => Promise<void> {
  let told: string | null = null
  return async ({ type }) => {
    if (!LOOKED_AT.includes(type)) return
    const run = await runs.get(id, { signal })
    const wait = describeWait(run)
    if (wait === null || wait === told) return
    told = wait
    complain(`${wait}. ${adviceOf(run)}.`)
  }
}
