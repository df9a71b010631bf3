import { SIZES } from '../../../policies/limits.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { connectWithin } from './connect-within.ts'

/**
 * `fetch` for the providers' SDKs.
 *
 * - It gives a connection up that is not made within `connectMs`, with a failure of ours: of a timeout the SDKs keep no cause.
 * - It follows no redirect: `fetch` would send Anthropic's key header on to another origin. A redirect is a refusal.
 * - It bounds the body of an error, which the SDKs read whole: an endless body would fill the worker's memory. At the bound the socket
 *   is closed.
 */
export function createBoundedFetch(connectMs: number): typeof fetch {
  const dispatcher = connectWithin(connectMs)
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual', dispatcher }).catch(notConnected)
    if (response.ok || response.body === null) return response
    return new Response(response.body.pipeThrough(firstBytes(SIZES.maxErrorBytes)), response)
  }
}

/** The cause has words of ours: the SDKs would drop one that speaks of a timeout. */
function notConnected(error: unknown): never {
  if (!isConnectTimeout(error)) throw error
  throw new ModelFailure('model_connect_timed_out', {
    billed: 'no',
    cause: new Error('no connection in time'),
  })
}

function isConnectTimeout(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || (code === 'ETIMEDOUT' && syscall === 'connect')) return true
    if (cause instanceof AggregateError && cause.errors.length > 0)
      return cause.errors.every(isConnectTimeout)
  }
  return false
}

function firstBytes(most: number): TransformStream<Uint8Array, Uint8Array> {
  let left = most
  return new TransformStream({
    transform(bytes, controller) {
      controller.enqueue(bytes.subarray(0, left))
      left -= bytes.length
      if (left <= 0) controller.terminate()
    },
  })
}
