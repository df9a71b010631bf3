import type { ListOptions, WorkflowClient, WorkflowExecutionInfo } from '@temporalio/client'
import { GRPC, grpcCodeOf } from '../connect-to-temporal.ts'
import type { NamedHistory } from './replay-histories.ts'

/** The part of Temporal's client that is asked. */
export interface Executions extends Pick<WorkflowClient, 'getHandle'> {
  list(options: ListOptions): AsyncIterable<WorkflowExecutionInfo>
}

/** Executions that are listed with one request. */
const PAGE = 100

/**
 * Histories of the executions that a visibility query finds, latest first. An execution that was deleted after it was listed, as Temporal does
 * once its retention is over, is left out, and the next one taken.
 */
export async function* latestHistories(
  executions: Executions,
  query: string,
  count: number,
): AsyncGenerator<NamedHistory> {
  let left = count
  for await (const { workflowId, runId } of executions.list({ query, pageSize: Math.min(count, PAGE) })) {
    const history = await executions.getHandle(workflowId, runId).fetchHistory().catch(nullIfDeleted)
    if (history === null) continue
    yield { name: workflowId, history }
    left -= 1
    if (left === 0) return
  }
}

function nullIfDeleted(error: unknown): null {
  if (grpcCodeOf(error) !== GRPC.notFound) throw error
  return null
}
