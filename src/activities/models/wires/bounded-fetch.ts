import { SIZES } from '../../../policies/limits.ts'

/**
 * `fetch` for the providers' SDKs.
 *
 * - It follows no redirect: `fetch` would send Anthropic's key header on to another origin. A redirect is a refusal.
 * - It bounds the body of an error, which the SDKs read whole: an endless body would fill the worker's memory. At the bound the socket
 *   is closed.
 */
export const boundedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.ok || response.body === null) return response
  return new Response(response.body.pipeThrough(firstBytes(SIZES.maxErrorBytes)), response)
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
