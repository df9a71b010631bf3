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

/**
 * Plays each history on the given code. Needs no server: what activities gave back is in the history. One worker plays them
 * all, since to start one takes longer than to replay a run.
 */
export async function* replayHistories(
  workflowBundle: WorkflowBundleOption,
  histories: AsyncIterable<NamedHistory> | Iterable<NamedHistory>,
): AsyncGenerator<ReplayResult> {
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle },
    byName(histories),
  )) {
    yield { name: workflowId, problem: error === undefined ? null : problemOf(error) }
  }
}

async function* byName(histories: AsyncIterable<NamedHistory> | Iterable<NamedHistory>) {
  for await (const { name, history } of histories) yield { workflowId: name, history }
}

/** Temporal's own words about what differs, out of the many around them. */
function problemOf({ message }: Error): string {
  return /\[TMPRL\d+\] (?:[^"\\]|\\.)*/.exec(message)?.[0] ?? message
}
