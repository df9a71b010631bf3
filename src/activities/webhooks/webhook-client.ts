import { Agent, errors } from 'undici'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { WEBHOOKS } from '../../policies/operations/webhooks.ts'
import { AddressRefused, createGuardedConnect, type ResolveName } from './guarded-connect.ts'

export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The answer's status and its `retry-after`; or why there is no answer. */
export type WebhookAnswer =
  | { readonly status: number; readonly retryAfter: string | null }
  | { readonly code: ErrorCode; readonly cause: unknown }

/** Posts webhooks. It follows no redirect, heeds no proxy of the environment, and reads of an answer only its head. */
export interface WebhookClient {
  /** Never rejects. A request that `stop` aborts is one without an answer. */
  post(request: WebhookRequest, stop?: AbortSignal): Promise<WebhookAnswer>
  close(): Promise<void>
}

export interface WebhookClientOptions {
  /** See `createGuardedConnect`. */
  readonly allowedHosts: ReadonlySet<string>
  readonly resolveName?: ResolveName
}

export function createWebhookClient({ allowedHosts, resolveName }: WebhookClientOptions): WebhookClient {
  const agent = new Agent({
    connect: createGuardedConnect(allowedHosts, resolveName),
    headersTimeout: WEBHOOKS.headersMs,
    bodyTimeout: WEBHOOKS.headersMs,
  })

  return {
    async post({ url, headers, body }, stop = NEVER) {
      const { origin, pathname, search } = new URL(url)
      const signal = AbortSignal.any([stop, AbortSignal.timeout(WEBHOOKS.attemptMs)])
      try {
        const answer = await agent.request({
          origin,
          path: pathname + search,
          method: 'POST',
          headers,
          body,
          signal,
        })
        // The status is all that counts, so a body that stalls or breaks off fails nothing. It is not waited for.
        answer.body.dump({ limit: WEBHOOKS.answerBytes, signal }).catch(() => answer.body.destroy())
        const retryAfter = answer.headers['retry-after']
        return { status: answer.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null }
      } catch (cause) {
        return { code: codeOf(cause), cause }
      }
    },
    close: () => agent.destroy(),
  }
}

const NEVER = new AbortController().signal

function codeOf(error: unknown): ErrorCode {
  if (error instanceof AddressRefused) return 'webhook_address_refused'
  const timedOut =
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError')
  return timedOut ? 'webhook_timed_out' : 'webhook_unreachable'
}
