import type { HoldfastClient, Run } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'

/** A thread to talk in, and who answers there. */
export interface OpenedThread {
  /** null: a new one, which begins with its first message. */
  readonly threadId: string | null
  readonly agent: string
  /** The turn in flight, which the next one comes after. */
  readonly inFlight: Run | null
}

interface Wishes {
  readonly agent?: string
  readonly thread?: string
}

/** Finds the thread that is meant, where one is. @throws CommandError where nobody says which agent answers */
export async function openThread(client: HoldfastClient, { agent, thread }: Wishes): Promise<OpenedThread> {
  if (thread === undefined)
    return { threadId: null, agent: agent ?? (await onlyAgent(client)), inFlight: null }
  const { active_run_id: active } = await client.request('GET /v1/threads/{id}', { path: { id: thread } })
  return {
    threadId: thread,
    agent: agent ?? (await lastAgent(client, thread)) ?? (await onlyAgent(client)),
    inFlight: active === undefined ? null : await client.runs.get(active),
  }
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
