import type { HoldfastClient } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'

/** A thread to talk in, and who answers there. */
export interface OpenedThread {
  readonly threadId: string
  readonly agent: string
}

interface Wishes {
  readonly agent?: string
  readonly thread?: string
}

/** Finds the thread that is meant, or begins one. @throws CommandError where nobody says which agent answers */
export async function openThread(client: HoldfastClient, { agent, thread }: Wishes): Promise<OpenedThread> {
  if (thread === undefined) {
    const name = agent ?? (await onlyAgent(client))
    const { id } = await client.request('POST /v1/threads', {})
    return { threadId: id, agent: name }
  }
  await client.request('GET /v1/threads/{id}', { path: { id: thread } })
  return { threadId: thread, agent: agent ?? (await lastAgent(client, thread)) ?? (await onlyAgent(client)) }
}

async function lastAgent(client: HoldfastClient, thread: string): Promise<string | undefined> {
  const { data } = await client.runs.list({ thread_id: thread, limit: 1 })
  return data[0]?.agent
}

async function onlyAgent(client: HoldfastClient): Promise<string> {
  const names: string[] = []
  for await (const { name } of client.all('GET /v1/agents')) names.push(name)
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  throw new CommandError(`Say with --agent who answers: ${names.join(', ')}.`, EXIT.usage)
}
