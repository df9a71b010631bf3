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
  // The worker replays a history to its end before it takes the next, so this is the name of the one that a result is about.
  let name = ''
  async function* withIds() {
    for await (const each of histories) {
      name = each.name
      yield { workflowId: workflowIdOf(each), history: each.history }
    }
  }
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, withIds())) {
    yield { name, problem: error === undefined ? null : problemOf(error) }
  }
}

/** The id that the workflow had when it was recorded: the ids of its sub-agents are derived from it. */
function workflowIdOf({ name, history }: NamedHistory): string {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId || name
}

/** The part of Temporal's long message that says what differs. */
function problemOf({ message }: Error): string {
  return /\[TMPRL\d+\] (?:[^"\\]|\\.)*/.exec(message)?.[0] ?? message
}
