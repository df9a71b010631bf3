import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createWebhookClient, type WebhookClient } from './webhook-client.ts'

/**
 * The client of a worker, after it has shown that it reaches no private address: by an address and by a name it is sent to a server of
 * this process on loopback.
 *
 * @param allowedHosts `host:port` of those that may be private, and plain http
 * @throws where the server was reached
 */
export async function openWebhookClient(allowedHosts: readonly string[]): Promise<WebhookClient> {
  const client = createWebhookClient({ allowedHosts: new Set(allowedHosts) })
  await proveGuard(client)
  return client
}

export async function proveGuard(client: WebhookClient): Promise<void> {
  let reached = 0
  const canary = createServer((socket) => {
    reached += 1
    socket.destroy()
  })
  canary.listen(0, '127.0.0.1')
  await once(canary, 'listening')
  const { port } = canary.address() as AddressInfo
  try {
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
      const answer = await client.post({ url: `https://${host}:${port}/`, headers: {}, body: '' })
      if (reached > 0 || !('code' in answer)) {
        throw new Error(`Webhooks could reach ${host}, which is not a host of the public internet.`)
      }
    }
  } finally {
    canary.close()
  }
}
