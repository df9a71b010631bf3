import { type HoldfastClient, HoldfastError, type Run } from '../../client/index.ts'
import type { Conversation } from './take-turn.ts'

/** Starts the turns of a conversation, one after the other. @throws HoldfastError */
export type StartTurn = (input: string, signal: AbortSignal) => Promise<Run>

/**
 * Begins the thread with its first turn, where there is none yet, and tells its id. A first turn that the API refuses leaves no thread: the
 * next message begins one.
 *
 * @param opened a thread that is there already, else null
 * @param onSend called before each message is sent
 */
export function startTurns(
  { client, agent, tell }: Pick<Conversation, 'client' | 'agent' | 'tell'>,
  opened: string | null,
  onSend: () => void,
): StartTurn {
  let threadId = opened

  const startIn = (id: string, input: string, signal: AbortSignal) => {
    onSend()
    return client.request('POST /v1/threads/{id}/runs', { path: { id }, body: { agent, input }, signal })
  }

  function keep(id: string): void {
    threadId = id
    tell(greeting(id, agent))
  }

  return async (input, signal) => {
    if (threadId !== null) return startIn(threadId, input, signal)
    const { id } = await client.request('POST /v1/threads', { signal })
    try {
      const begun = await startIn(id, input, signal)
      keep(id)
      return begun
    } catch (error) {
      // Where nobody knows whether the turn was taken, the thread may have it.
      if (!isRefusal(error) || !(await isRemoved(client, id))) keep(id)
      throw error
    }
  }
}

export const greeting = (threadId: string, agent: string) => `Thread ${threadId}, with ${agent}.`

function isRefusal(error: unknown): boolean {
  if (!(error instanceof HoldfastError) || error.code === 'unexpected_answer') return false
  return error.status >= 400 && error.status < 500
}

async function isRemoved(client: HoldfastClient, id: string): Promise<boolean> {
  try {
    await client.request('DELETE /v1/threads/{id}', { path: { id } })
    return true
  } catch (error) {
    if (error instanceof HoldfastError) return false
    throw error
  }
}
