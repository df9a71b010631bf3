import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import { createBroadcast } from '../../../src/api/temporal/broadcast.ts'
import { HTTP } from '../../../src/policies/api.ts'

const ids = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`)
const silent = pino({ level: 'silent' })

/** A logger that calls back when the telling is over. */
function listen() {
  const over = Promise.withResolvers<{ count: number; untold: number }>()
  const write = (line: string) => over.resolve(JSON.parse(line))
  return { logger: pino({ level: 'info' }, { write }), over: over.promise }
}

test('everybody is told once, a few at a time', async () => {
  const { logger, over } = listen()
  const told: string[] = []
  let [now, most] = [0, 0]
  createBroadcast(logger).notifyRuns({
    topic: 'test',
    find: async () => ids(45),
    async send(id) {
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now -= 1
      told.push(id)
      return 'delivered'
    },
  })
  const { count, untold } = await over
  assert.deepEqual([count, untold], [45, 0])
  assert.deepEqual(told.toSorted(), ids(45).toSorted())
  assert.equal(most, HTTP.notifyAtOnce)
})

test('while Temporal is away it leaves off soon, and nobody hears of it but the log', async () => {
  let tries = 0
  const broadcast = createBroadcast(silent)
  const over = Promise.withResolvers<void>()
  broadcast.notifyRuns({
    topic: 'test',
    find: async () => ids(1_000),
    async send() {
      tries += 1
      if (tries >= HTTP.notifyFailures) over.resolve()
      throw new Error('nobody there')
    },
  })
  await over.promise
  await broadcast.close()
  assert.ok(tries <= HTTP.notifyFailures + HTTP.notifyAtOnce, `${tries}`)

  broadcast.notifyRuns({
    topic: 'test',
    find: async () => Promise.reject(new Error('no store')),
    send: async () => 'delivered',
  })
  await broadcast.close()
})

test('a server that stops tells nobody else', async () => {
  const broadcast = createBroadcast(silent)
  let told = 0
  broadcast.notifyRuns({
    topic: 'test',
    find: async () => ids(100),
    async send() {
      told += 1
      await new Promise(setImmediate)
      return 'delivered'
    },
  })
  await new Promise(setImmediate)
  await broadcast.close()
  assert.ok(told <= HTTP.notifyAtOnce, `${told}`)
})

test('two news of one topic reach everybody in their order, those of others do not wait', async () => {
  const broadcast = createBroadcast(silent)
  const heard: string[] = []
  const held = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const news = (topic: string, what: string, before: Promise<void> = Promise.resolve()) => ({
    topic,
    find: async () => ['run'],
    async send() {
      await before
      heard.push(what)
      if (heard.length === 3) over.resolve()
      return 'delivered' as const
    },
  })
  broadcast.notifyRuns(news('switch', 'on', held.promise))
  broadcast.notifyRuns(news('switch', 'off'))
  broadcast.notifyRuns(news('other', 'other'))
  while (heard.length === 0) await new Promise(setImmediate)
  held.resolve()
  await over.promise
  assert.deepEqual(heard, ['other', 'on', 'off'])
})
