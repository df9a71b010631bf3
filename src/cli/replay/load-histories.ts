import { readFile } from 'node:fs/promises'
import { Client, isGrpcServiceError, type WorkflowClient } from '@temporalio/client'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import type { TemporalConfig } from '../../config/config.ts'
import { StartError } from '../../local/start-error.ts'
import { connectToTemporal, GRPC, grpcCodeOf } from '../connect-to-temporal.ts'
import { latestHistories } from './latest-histories.ts'
import type { NamedHistory } from './replay-histories.ts'

/**
 * The histories asked for: files as `temporal workflow show -o json` writes them, workflow ids (the latest execution of each),
 * and the latest executions that a visibility query finds.
 *
 * @throws StartError saying what is not there
 */
export async function* loadHistories(
  temporal: TemporalConfig,
  names: readonly string[],
  recent: number,
  query = "WorkflowType = 'agentRun'",
): AsyncGenerator<NamedHistory> {
  const ids: string[] = []
  for (const name of names) {
    if (name.endsWith('.json')) yield { name, history: await historyOfFile(name) }
    else ids.push(name)
  }
  if (ids.length === 0 && recent === 0) return

  const connection = await connectToTemporal(temporal)
  try {
    const { workflow } = new Client({ connection, namespace: temporal.namespace })
    for (const id of ids) yield { name: id, history: await historyOfWorkflow(workflow, id) }
    if (recent > 0) yield* latest(workflow, recent, query)
  } finally {
    await connection.close()
  }
}

async function* latest(workflow: WorkflowClient, count: number, query: string): AsyncGenerator<NamedHistory> {
  try {
    yield* latestHistories(workflow, query, count)
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    if (!isGrpcServiceError(cause) || cause.code !== GRPC.invalidArgument) throw error
    throw new StartError(`Temporal does not understand the query ${query} (${cause.details}).`)
  }
}

async function historyOfWorkflow(workflow: WorkflowClient, id: string): Promise<NamedHistory['history']> {
  try {
    return await workflow.getHandle(id).fetchHistory()
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.notFound) throw error
    throw new StartError(`There is no workflow with the id ${id}; and a history file's name ends in .json.`)
  }
}

export async function historyOfFile(path: string): Promise<NamedHistory['history']> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${path} cannot be read (${error.code}).`)
  })
  try {
    const history = historyFromJSON(JSON.parse(text))
    if (history.events?.length) return history
  } catch {
    // Not JSON, or JSON of another kind.
  }
  throw new StartError(
    `${path} holds no workflow history. "temporal workflow show --workflow-id <id> --output json" writes one.`,
  )
}
