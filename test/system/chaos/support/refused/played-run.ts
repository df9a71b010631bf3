import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { RunId } from '../../../../../src/contracts/runs/run.ts'
import { lookAgain, tightenPolicy } from '../../../../../src/workflows/agent-run.messages.ts'
import { post } from '../../../../api/support/post.ts'
import type { Headers } from './people.ts'
import type { WildRun } from './wild-run.ts'

/** A made-up run that goes on, and what was done to it from outside. */
export interface PlayedRun {
  readonly wild: WildRun
  readonly runId: RunId
  readonly workflowId: string
  /** Asks it to stop, once; resolves when that is in its history. */
  cancel(): Promise<void>
  /** Makes its policy stricter, once; resolves when that is in its history. */
  tighten(): Promise<void>
  /** Adds to its history what it has no use for. */
  fillHistory(): Promise<void>
  /** What has been done to the run from outside so far. */
  readonly actions: { cancelled: boolean; tightened: boolean }
}

export function playedRun(
  wild: WildRun,
  { runId, workflowId }: { readonly runId: string; readonly workflowId: string },
  { v1, client, headers }: { v1: (path: string) => string; client: Client; headers: Headers },
): PlayedRun {
  const handle = client.workflow.getHandle(workflowId)
  const actions = { cancelled: false, tightened: false }
  let cancelling: Promise<void> | null = null
  let tightening: Promise<void> | null = null

  async function cancel(): Promise<void> {
    for (;;) {
      const { status, text } = await post(v1(`/runs/${runId}/cancel`), {}, headers)
      // Too much to do for anybody to answer: whoever wants it stopped asks again.
      if (status === 503) continue
      // 409: it has ended by itself.
      if (status !== 202 && status !== 409) throw new Error(`A cancel was answered ${status} ${text}`)
      if (status === 202) actions.cancelled = true
      return
    }
  }

  return {
    wild,
    runId: runId as RunId,
    workflowId,
    actions,
    cancel: () => (cancelling ??= cancel()),
    tighten() {
      tightening ??= unlessGone(handle.signal(tightenPolicy, wild.rule)).then((delivered) => {
        actions.tightened = delivered
      })
      return tightening
    },
    async fillHistory() {
      for (let signals = 0; signals < 4; signals += 1) await unlessGone(handle.signal(lookAgain))
    },
  }
}

async function unlessGone(sent: Promise<void>): Promise<boolean> {
  try {
    await sent
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
