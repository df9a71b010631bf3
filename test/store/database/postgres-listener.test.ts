import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type pg from 'pg'
import { pino } from 'pino'
import { createPostgresListener } from '../../../src/store/database/postgres-listener.ts'

test('an outage has one warning, however often the listener tries to connect', async () => {
  const rows: [level: number, msg: string][] = []
  const logger = pino(
    { level: 'debug' },
    {
      write(line) {
        const { level, msg } = JSON.parse(line)
        rows.push([level, msg])
      },
    },
  )
  let refusals = 0
  const clients: EventEmitter[] = []
  const listener = createPostgresListener(() => {
    const client = Object.assign(new EventEmitter(), {
      connect: async () => {
        if (clients.length > 1 && refusals++ < 2) throw new Error('connection refused')
      },
      query: async () => undefined,
      end: async () => undefined,
    })
    clients.push(client)
    return client as unknown as pg.Client
  }, logger)
  const back = Promise.withResolvers<void>()
  await listener.listen('news', () => undefined, back.resolve)
  clients[0]?.emit('error', new Error('the server has gone'))
  await back.promise
  await listener.close()
  assert.deepEqual(rows, [
    [40, 'The connection for notifications was lost; connecting again.'],
    [20, 'Could not connect for notifications.'],
    [20, 'Could not connect for notifications.'],
  ])
})
