import { type HoldfastClient, HoldfastError, type Run } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
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

/**
 * Finds the thread that is meant, where one is, and who answers. It is asked before the first message is sent, which would begin a run
 * that nobody here can follow.
 *
 * @throws CommandError where nobody says which agent answers, where there is no such agent, and where the key may not read runs
 */
export async function openThread(client: HoldfastClient, { agent, thread }: Wishes): Promise<OpenedThread> {
  if (agent !== undefined) await requireAgent(client, agent)
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

async function requireAgent(client: HoldfastClient, agent: string): Promise<void> {
  const names = await agentNames(client)
  if (names.includes(agent)) return
  throw new CommandError(
    `There is no agent ${JSON.stringify(agent)}. There are: ${names.join(', ')}.`,
    EXIT.refused,
  )
}

async function agentNames(client: HoldfastClient): Promise<string[]> {
  try {
    return (await client.request('GET /v1/agents')).data.map(({ name }) => name)
  } catch (error) {
    if (!(error instanceof HoldfastError && error.status === 403)) throw error
    throw new CommandError(
      `A conversation reads its runs, and the key may not. ${visible(error.message)}`,
      EXIT.refused,
    )
  }
}

async function onlyAgent(client: HoldfastClient): Promise<string> {
  const names = await agentNames(client)
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  throw new CommandError(`Say with --agent who answers: ${names.join(', ')}.`, EXIT.usage)
}
