import { readFile } from 'node:fs/promises'
import { Client, Connection, type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import type { TemporalConfig } from '../../config.ts'
import { StartError } from '../start-error.ts'
import type { NamedHistory } from './replay-histories.ts'

/** The histories asked for: files as `temporal workflow show -o json` writes them, workflow ids, and the latest runs. */
export async function* historiesFrom(
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

  const { tls, apiKey, namespace } = temporal
  const address = temporal.address ?? `127.0.0.1:${temporal.port}`
  const connection = await Connection.connect({ address, tls, ...(apiKey !== null && { apiKey }) }).catch(
    () => {
      throw new StartError(
        `No Temporal server answers at ${address}. Start the stack, or set TEMPORAL_ADDRESS.`,
      )
    },
  )
  try {
    const { workflow } = new Client({ connection, namespace })
    for (const id of ids) yield { name: id, history: await historyOfWorkflow(workflow, id) }
    if (recent === 0) return
    let left = recent
    for await (const { workflowId, runId } of workflow.list({ query, pageSize: Math.min(recent, 100) })) {
      yield { name: workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() }
      left -= 1
      if (left === 0) return
    }
  } finally {
    await connection.close()
  }
}

async function historyOfWorkflow(workflow: WorkflowClient, id: string): Promise<NamedHistory['history']> {
  try {
    return await workflow.getHandle(id).fetchHistory()
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
    throw new StartError(`There is no workflow with the id ${id}; and a history file's name ends in .json.`)
  }
}

export async function historyOfFile(path: string): Promise<NamedHistory['history']> {
  try {
    return historyFromJSON(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new StartError(`${path} holds no workflow history (${(error as Error).message}).`)
  }
}
