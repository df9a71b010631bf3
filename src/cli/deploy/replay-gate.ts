import type { Client } from '@temporalio/client'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { DEPLOYS } from '../../policies/operations/deploys.ts'
import { WORKFLOW_TYPES } from '../../workflows/workflow-types.messages.ts'
import { latestHistories } from '../replay/latest-histories.ts'
import { type NamedHistory, type ReplayResult, replayHistories } from '../replay/replay-histories.ts'

export interface GateResult {
  readonly replayed: number
  readonly failures: readonly (ReplayResult & { readonly problem: string })[]
}

/** Replays recent runs of the task queue on this build, before it is given any. It only reads. */
export async function replayRecent(
  client: Client,
  taskQueue: string,
  bundle: WorkflowBundleOption,
): Promise<GateResult> {
  const failures: GateResult['failures'][number][] = []
  let replayed = 0
  for await (const { name, problem } of replayHistories(bundle, recentHistories(client, taskQueue))) {
    replayed += 1
    if (problem !== null) failures.push({ name, problem })
  }
  return { replayed, failures }
}

async function* recentHistories({ workflow }: Client, taskQueue: string): AsyncGenerator<NamedHistory> {
  for (const type of WORKFLOW_TYPES) {
    const ofType = `WorkflowType = '${type}' AND TaskQueue = '${taskQueue}'`
    yield* latestHistories(workflow, `${ofType} AND ExecutionStatus = 'Running'`, DEPLOYS.replayOpen)
    yield* latestHistories(workflow, `${ofType} AND ExecutionStatus != 'Running'`, DEPLOYS.replayEnded)
  }
}
