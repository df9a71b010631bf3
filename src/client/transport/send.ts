import { errorOf, HoldfastError } from '../holdfast-error.ts'
import { delayOf, sleep, type Timing } from './timing.ts'

export interface Outgoing {
  readonly method: string
  /** With its query, such as `/v1/runs?limit=5`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  /** Whether nothing happens twice where the request is sent twice. */
  readonly repeatable: boolean
  /** Milliseconds that the API was asked to hold its answer back. */
  readonly heldMs?: number
}

/** Sends a request, again where it does not come through, and reads its answer. @throws HoldfastError, or the signal's reason */
export type Send = <T>(request: Outgoing, read: (response: Response) => Promise<T>) => Promise<T>

interface SendOptions {
  readonly url: string
  readonly fetch: typeof fetch
  /** A bearer token; undefined where the API asks for none. Asked before each try. */
  readonly token: () => Promise<string | undefined> | string | undefined
  readonly timing: Timing
  readonly onRetry?: ((error: HoldfastError) => void) | undefined
}

export function createSend({ url, fetch, token, timing, onRetry }: SendOptions): Send {
  const base = url.endsWith('/') ? url : `${url}/`

  async function attempt<T>(request: Outgoing, read: (response: Response) => Promise<T>): Promise<T> {
    const { method, path, headers, body, signal, heldMs = 0 } = request
    signal?.throwIfAborted()
    const bearer = await token()
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(), timing.answerMs + heldMs)
    try {
      const response = await fetch(new URL(path.slice(1), base).href, {
        method,
        headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...headers },
        ...(body !== undefined && { body }),
        signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
      })
      if (!response.ok && response.status !== 304) throw await errorOf(response)
      return await read(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof HoldfastError) throw error
      throw new HoldfastError('no_answer', `No answer came from ${base}.`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  return async (request, read) => {
    for (let made = 0; ; made += 1) {
      try {
        return await attempt(request, read)
      } catch (error) {
        if (made >= timing.retries || !isWorthRepeating(request, error, timing)) throw error
        onRetry?.(error)
        await sleep(pauseAfter(error, timing, made), request.signal)
      }
    }
  }
}

/** Statuses with which a server, or a proxy before it, says: not now. */
const NOT_NOW = [408, 429, 502, 503, 504]

function isWorthRepeating({ repeatable }: Outgoing, error: unknown, timing: Timing): error is HoldfastError {
  if (!(error instanceof HoldfastError)) return false
  if ((error.retryAfterMs ?? 0) > timing.longestRetryAfterMs) return false
  // 429 alone says that nothing has been done.
  if (!repeatable) return error.status === 429
  return error.code === 'no_answer' || NOT_NOW.includes(error.status)
}

/** At least what the API asks for; a random part on top keeps clients that were refused together from coming back together. */
function pauseAfter({ retryAfterMs }: HoldfastError, timing: Timing, made: number): number {
  const delay = delayOf(timing, made)
  if (retryAfterMs === null) return delay
  return retryAfterMs + Math.random() * Math.min(delay, timing.firstDelayMs)
}
