import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const PATIENCE_MS = 20_000

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `webhook-id`. */
  readonly id: string
}

/** An endpoint of webhooks: a server on loopback that writes down what it gets. */
export interface Receiver {
  /** `host:port`, for the configuration. */
  readonly host: string
  readonly url: string
  readonly received: readonly Received[]
  /** Resolves once that many requests have come. */
  count(least: number): Promise<readonly Received[]>
  close(): Promise<void>
}

/** @param answer what it answers, given how many requests came before; 204 where it is not given */
export async function startReceiver(
  answer: (response: ServerResponse, before: number) => void = (response) =>
    void response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = []
  let waiting: { readonly least: number; readonly resolve: () => void }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      answer(response, received.length)
      received.push({ headers: request.headers, body, id: String(request.headers['webhook-id']) })
      for (const { least, resolve } of waiting) if (received.length >= least) resolve()
      waiting = waiting.filter(({ least }) => received.length < least)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `http://${host}/hooks`,
    received,
    async count(least) {
      if (received.length >= least) return received
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ least, resolve })
      const late = setTimeout(
        () => reject(new Error(`${received.length} of ${least} requests have come`)),
        PATIENCE_MS,
      )
      await promise.finally(() => clearTimeout(late))
      return received
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Which of the request's signatures, in their order, are by this secret: as a consumer verifies, with nothing of ours. */
export function signaturesBy(secret: string, { headers, body }: Received): boolean[] {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const own = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  const signatures = String(headers['webhook-signature']).split(' ')
  assert.ok(signatures.every((signature) => /^v1,[A-Za-z0-9+/]{43}=$/.test(signature)))
  return signatures.map((signature) => signature === own)
}
