import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import type { Listener } from './pool-database.ts'
import { STORE_TIMING } from './timing.ts'

interface Subscription {
  readonly channel: string
  readonly onPayload: (payload: string) => void
  readonly onGap?: (() => void) | undefined
}

/** Listens on one connection for all subscriptions. The first subscription opens it; a lost connection is opened again. */
export function createPostgresListener(
  createClient: () => pg.Client,
  logger: Pick<Logger, 'debug' | 'warn' | 'error'>,
): Listener {
  const subscriptions = new Set<Subscription>()
  const stopped = new AbortController()
  let current: pg.Client | null = null
  let connection: Promise<pg.Client> | null = null
  let lastSent: Promise<unknown> = Promise.resolve()

  /** Sends statements one after the other: several callers may send at once, and a connection takes one statement at a time. */
  function send(client: pg.Client, statement: string): Promise<unknown> {
    const sent = lastSent.then(() => client.query(statement))
    lastSent = sent.catch(() => undefined)
    return sent
  }

  async function open(): Promise<pg.Client> {
    const client = createClient()
    client.on('error', (error) => lose(client, error))
    client.on('end', () => lose(client))
    client.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''))
    try {
      await client.connect()
      for (const channel of new Set([...subscriptions].map((subscription) => subscription.channel))) {
        await send(client, `listen ${pg.escapeIdentifier(channel)}`)
      }
      stopped.signal.throwIfAborted()
    } catch (error) {
      void end(client)
      throw error
    }
    current = client
    const heartbeat = setInterval(() => {
      send(client, 'select 1').catch((error) => lose(client, error))
    }, STORE_TIMING.listenerHeartbeatMs).unref()
    client.once('end', () => clearInterval(heartbeat))
    return client
  }

  function connected(): Promise<pg.Client> {
    connection ??= open().catch((error) => {
      connection = null
      throw error
    })
    return connection
  }

  function lose(client: pg.Client, error?: unknown): void {
    if (current !== client) return
    current = null
    void end(client)
    if (stopped.signal.aborted) return
    logger.warn({ err: error }, 'The connection for notifications was lost; connecting again.')
    connection = reconnect()
    connection.catch(() => {
      connection = null
    })
  }

  async function reconnect(): Promise<pg.Client> {
    for (
      let delay: number = STORE_TIMING.reconnect.first;
      ;
      delay = Math.min(delay * 2, STORE_TIMING.reconnect.most)
    ) {
      await wait(delay, undefined, { signal: stopped.signal })
      try {
        const client = await open()
        for (const { onGap } of subscriptions) if (onGap) guarded(onGap)
        return client
      } catch (error) {
        // The loss has its warning, and an outage many tries.
        logger.debug({ err: error }, 'Could not connect for notifications.')
      }
    }
  }

  function deliver(channel: string, payload: string): void {
    for (const subscription of subscriptions) {
      if (subscription.channel === channel) guarded(() => subscription.onPayload(payload))
    }
  }

  /** An error in a listener must not end the process: nobody else catches it. */
  function guarded(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      logger.error({ err: error }, 'A listener for notifications failed.')
    }
  }

  async function stop(subscription: Subscription): Promise<void> {
    subscriptions.delete(subscription)
    const others = [...subscriptions].some(({ channel }) => channel === subscription.channel)
    if (others || !current) return
    await send(current, `unlisten ${pg.escapeIdentifier(subscription.channel)}`).catch((error) => {
      logger.warn({ err: error }, 'Could not stop listening; the connection is probably lost.')
    })
  }

  return {
    async listen(channel, onPayload, onGap) {
      const subscription: Subscription = { channel, onPayload, onGap }
      subscriptions.add(subscription)
      try {
        const client = await connected()
        await send(client, `listen ${pg.escapeIdentifier(channel)}`)
      } catch (error) {
        subscriptions.delete(subscription)
        throw error
      }
      return () => stop(subscription)
    },
    async close() {
      stopped.abort()
      subscriptions.clear()
      await connection?.catch(() => undefined)
      const client = current
      current = null
      if (client) await end(client)
    },
  }
}

/** Ends a connection. It may be broken already, and the error is then of no interest. */
function end(client: pg.Client): Promise<void> {
  return client.end().catch(() => undefined)
}
