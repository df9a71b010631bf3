import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { childWaits } from '../agent-run.messages.ts'
import { isWaiting, type RunState } from '../state/run-state.ts'

/** Signals the parent's run when this run begins to wait for a person, and when it goes on, so that the parent's clock stands too. */
export function createParentSignal(run: RunIdentity, isCarried: boolean): (state: RunState) => void {
  const { parent } = workflowInfo()
  // A fresh execution does not know which signal the one before it has sent last.
  let lastSent = isCarried ? null : false
  return (state) => {
    const waits = isWaiting(state)
    if (parent === undefined || waits === lastSent) return
    lastSent = waits
    getExternalWorkflowHandle(parent.workflowId)
      .signal(childWaits, { runId: run.runId, waits })
      // A parent that has ended has cancelled this run with it.
      .catch(() => undefined)
  }
}
