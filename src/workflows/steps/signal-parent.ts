import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow'
import type { RunIdentity } from '../../contracts/run.ts'
import { childWaits } from '../agent-run.messages.ts'
import { isWaiting, type RunState } from '../state/run-state.ts'

/** Tells the run that this one works for when it begins to wait for a person and when it goes on, so that its clock stands too. */
export function createParentSignal(run: RunIdentity, isCarried: boolean): (state: RunState) => void {
  const { parent } = workflowInfo()
  // What the execution before this one has said last is not known.
  let told = isCarried ? null : false
  return (state) => {
    const waits = isWaiting(state)
    if (parent === undefined || waits === told) return
    told = waits
    getExternalWorkflowHandle(parent.workflowId)
      .signal(childWaits, { runId: run.runId, waits })
      // A parent that has ended has cancelled this run with it.
      .catch(() => undefined)
  }
}
