import type { History } from '@temporalio/common/lib/proto-utils.js'
import { Worker, type WorkflowBundleOption } from '@temporalio/worker'

export interface NamedHistory {
  /** What a person knows it by: file or workflow id. */
  readonly name: string
  readonly history: History
}

export interface ReplayResult {
  readonly name: string
  /** Why it does not replay; null where it does. */
  readonly problem: string | null
}

/** Plays each history on the given code. Needs no server: what activities gave back is in the history. */
export async function* replayHistories(
  workflowBundle: WorkflowBundleOption,
  histories: AsyncIterable<NamedHistory> | Iterable<NamedHistory>,
): AsyncGenerator<ReplayResult> {
  for await (const { name, history } of histories) {
    yield { name, problem: await problemOf(workflowBundle, history) }
  }
}

async function problemOf(workflowBundle: WorkflowBundleOption, history: History): Promise<string | null> {
  try {
    await Worker.runReplayHistory({ workflowBundle }, history)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
