import { createHmac, randomBytes } from 'node:crypto'

/*
 * Signatures by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64.
 */

const PREFIX = 'whsec_'
/** Bytes of a secret that we make; the standard allows 24 to 64. */
const SECRET_BYTES = 32

/** A secret's text, as its owner sees it and as the store keeps it: 24 to 64 bytes in base64. */
export const WEBHOOK_SECRET =
  /^whsec_(?:[A-Za-z0-9+/]{4}){8,20}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{6}==)?$/

export function newWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

export interface WebhookMessage {
  readonly id: string
  /** Of the attempt, in seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

/** The headers of a delivery, with a signature by each of the secrets: whoever verifies needs one of them. */
export function signedHeaders({ id, timestamp, body }: WebhookMessage, secrets: readonly string[]) {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
