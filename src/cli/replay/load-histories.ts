import { readFile } from 'node:fs/promises'
import { Client, Connection, isGrpcServiceError, type WorkflowClient } from '@temporalio/client'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import type { TemporalConfig } from '../../config.ts'
import { StartError } from '../../local/start-error.ts'
import type { NamedHistory } from './replay-histories.ts'

/** Status codes of gRPC. */
const INVALID_ARGUMENT = 3
const NOT_FOUND = 5

const CONNECT_TIMEOUT_MS = 3_000

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

  const connection = await connect(temporal)
  try {
    const { workflow } = new Client({ connection, namespace: temporal.namespace })
    for (const id of ids) yield { name: id, history: await historyOfWorkflow(workflow, id) }
    if (recent > 0) yield* latest(workflow, recent, query)
  } finally {
    await connection.close()
  }
}

async function connect(temporal: TemporalConfig): Promise<Connection> {
  const { tls, apiKey, namespace } = temporal
  const address = temporal.address ?? `127.0.0.1:${temporal.port}`
  const target = { address, tls, ...(apiKey !== null && { apiKey }), connectTimeout: CONNECT_TIMEOUT_MS }
  const connection = await Connection.connect(target).catch(() => {
    throw new StartError(
      `No Temporal server answers at ${address}. Start the stack, or set TEMPORAL_ADDRESS.`,
    )
  })
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return connection
  } catch (error) {
    await connection.close()
    if (codeOf(error) !== NOT_FOUND) throw error
    throw new StartError(
      `The Temporal server at ${address} has no namespace ${namespace}. Set TEMPORAL_NAMESPACE.`,
    )
  }
}

async function* latest(workflow: WorkflowClient, count: number, query: string): AsyncGenerator<NamedHistory> {
  try {
    let left = count
    for await (const { workflowId, runId } of workflow.list({ query, pageSize: Math.min(count, 100) })) {
      yield { name: workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() }
      left -= 1
      if (left === 0) return
    }
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    if (!isGrpcServiceError(cause) || cause.code !== INVALID_ARGUMENT) throw error
    throw new StartError(`Temporal does not understand the query ${query} (${cause.details}).`)
  }
}

async function historyOfWorkflow(workflow: WorkflowClient, id: string): Promise<NamedHistory['history']> {
  try {
    return await workflow.getHandle(id).fetchHistory()
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error
    throw new StartError(`There is no workflow with the id ${id}; and a history file's name ends in .json.`)
  }
}

function codeOf(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null
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
