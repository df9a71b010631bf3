import { randomUUID } from 'node:crypto'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import { longestCredential } from './credentials.ts'
import { recordingScope } from './exchange-scope.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

/**
 * `fetch` for the providers' SDKs, which records what goes over the wire for a booked attempt. The request and the answer are passed on as
 * they are; a file in the request is recorded as a reference. The answer's bytes are noted while its reader takes them, and its reader alone decides how far they are read.
 */
export function recordingFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    const scope = recordingScope()
    if (scope === null) return inner(input, init)
    const startedAt = performance.now()
    const body = typeof init?.body === 'string' ? init.body : null
    const exchange: RecordedExchange = {
      id: randomUUID(),
      attempt: scope.attempt,
      method: init?.method ?? 'GET',
      url: input instanceof Request ? input.url : String(input),
      requestHeaders: new Headers(init?.headers),
      body: body === null ? null : scope.refer(body),
      beganAtMs: Date.now(),
      status: null,
      answerHeaders: new Headers(),
      chunks: [],
      keptBytes: 0,
      answerBytes: 0,
      isWhole: false,
      headMs: null,
      firstByteMs: null,
      endMs: null,
    }
    scope.begin(exchange)
    const sinceMs = () => Math.round(performance.now() - startedAt)
    try {
      const response = await inner(input, init)
      exchange.status = response.status
      exchange.answerHeaders = response.headers
      exchange.headMs = sinceMs()
      if (response.body === null) {
        exchange.isWhole = true
        exchange.endMs = exchange.headMs
        return response
      }
      return new Response(noted(response.body, exchange, sinceMs), response)
    } catch (error) {
      exchange.endMs = sinceMs()
      throw error
    }
  }
}

/** The same stream. It is read no further than its reader wants: it holds nothing back, and asks for nothing ahead. */
function noted(
  body: ReadableStream<Uint8Array>,
  exchange: RecordedExchange,
  sinceMs: () => number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const isError = exchange.status !== null && exchange.status >= 400
  // A credential that begins before the bound has to be found whole, to be masked.
  const most =
    (isError ? DOSSIER.errorBytes : DOSSIER.answerBytes) + longestCredential(exchange.requestHeaders)
  const end = () => {
    exchange.endMs ??= sinceMs()
  }
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        return reader.read().then(
          ({ done, value }) => {
            if (done) {
              exchange.isWhole = true
              end()
              return controller.close()
            }
            exchange.firstByteMs ??= sinceMs()
            exchange.answerBytes += value.length
            if (exchange.keptBytes < most) {
              exchange.chunks.push(value)
              exchange.keptBytes += value.length
            }
            controller.enqueue(value)
          },
          (error: unknown) => {
            end()
            throw error
          },
        )
      },
      cancel(reason) {
        end()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
