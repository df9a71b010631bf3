import { setTimeout as sleep } from 'node:timers/promises'
import type OpenAI from 'openai'
import type { ErrorCode } from '../../../../contracts/error-codes.ts'
import { BACKGROUND } from '../../../../policies/models/models.ts'
import { ModelFailure } from '../../failures/model-failure.ts'
import type { ModelAnswer } from '../model-adapter.ts'
import { type AnswerReading, readAnswer } from '../read-answer.ts'
import { type FollowingReader, followingReader, StillRunning } from './following-reader.ts'
import { INCLUDED } from './request.ts'

export interface Following {
  /** The id of a response that is under way; absent where `open` asks for a new one. */
  readonly responseId?: string
  readonly onNamed?: ((responseId: string) => void) | undefined
}

/**
 * Reads an answer in the background to its end. After a cut it reads on behind the last event that came. An answer that can't be
 * streamed, or whose stream has nothing more, is looked at until it has ended. Rejects as `readAnswer` does, and never says of a named
 * answer that it was not billed because a request for the rest of it came to nothing.
 */
export async function followAnswer(
  client: OpenAI,
  reading: Omit<AnswerReading, 'reader'>,
  { responseId, onNamed }: Following,
): Promise<ModelAnswer> {
  const reader = followingReader(responseId ?? null, onNamed)
  let { open } = reading
  let cut: ModelFailure | null = null
  let isStreamed = true
  for (let cuts = 0; ; ) {
    const readBefore = reader.lastEvent
    try {
      return await readAnswer({ ...reading, reader, open })
    } catch (error) {
      const id = reader.responseId
      if (!(error instanceof ModelFailure) || id === null) throw error
      switch (wayOn(error, reader, isStreamed)) {
        case 'wait':
          await pause(BACKGROUND.pollEveryMs, reading.signal)
          continue
        case 'look':
          isStreamed = false
          break
        case 'read_on':
          if (cuts === BACKGROUND.mostCuts) throw unread(error, error.code)
          await pause(BACKGROUND.readOnAfterMs, reading.signal)
          // A stream without anything new may be that of an answer that somebody has stopped.
          if (cuts > 0 && reader.lastEvent === readBefore) isStreamed = false
          cuts += 1
          cut = error
          break
        case 'none':
          throw error.foreign?.status === undefined ? error : unread(error, cut?.code ?? error.code)
      }
      open = (signal) => (isStreamed ? stream(client, id, reader, signal) : look(client, id, signal))
    }
  }
}

/** What is left to do after a failure. */
type Way = 'wait' | 'look' | 'read_on' | 'none'

/** The answer may go on although a response has ended, unless the provider reports an error of it. */
function wayOn({ cause, foreign }: ModelFailure, { progress }: FollowingReader, isStreamed: boolean): Way {
  const status = foreign?.status
  if (cause instanceof StillRunning) return 'wait'
  if (status === 400 && isStreamed) return 'look'
  if (status === undefined) return foreign === null && progress === 'open' ? 'read_on' : 'none'
  return status === 429 || status >= 500 ? 'read_on' : 'none'
}

/** The rest of an answer; all of it where nothing was read yet. */
export function stream(
  client: OpenAI,
  responseId: string,
  { lastEvent }: Pick<FollowingReader, 'lastEvent'>,
  signal: AbortSignal,
): Promise<Response> {
  const query = {
    stream: true as const,
    include: [...INCLUDED],
    ...(lastEvent !== null && { starting_after: lastEvent }),
  }
  return client.responses.retrieve(responseId, query, { signal }).asResponse()
}

function look(client: OpenAI, responseId: string, signal: AbortSignal): Promise<Response> {
  return client.responses.retrieve(responseId, { include: [...INCLUDED] }, { signal }).asResponse()
}

/** A request for the rest that came to nothing says nothing about the bill of the answer, not even where it was never sent. */
function unread(failure: ModelFailure, code: ErrorCode): ModelFailure {
  const { foreign, requestId, retryAfterMs } = failure
  return new ModelFailure(code, {
    cause: failure,
    ...(foreign !== null && { foreign }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
  signal.throwIfAborted()
}
