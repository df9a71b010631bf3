import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventHub } from '../../../src/api/events/event-hub.ts'
import type { ReaderAnnouncer } from '../../../src/api/events/reader-announcer.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { DELTA_CHANNEL } from '../../../src/store/record/deltas.ts'
import { EVENT_CHANNEL } from '../../../src/store/record/events.ts'

const A: RunId = 'run_a'
const B: RunId = 'run_b'

/** Writes down what the workers are told. */
function writtenDown() {
  const told: string[] = []
  const readers: ReaderAnnouncer = {
    announce: (run) => void told.push(`+${run}`),
    withdraw: (run) => void told.push(`-${run}`),
    close: async () => undefined,
  }
  return { told, readers }
}

/** Only what the hub may use: `listen`. */
function notifyingDatabase() {
  const channels = new Map<string, { notify(payload: string): void; gap(): void }>()
  let stopped = 0
  const listen: Database['listen'] = async (channel, notify, gap = () => undefined) => {
    assert.ok(!channels.has(channel), `listens to ${channel} once`)
    channels.set(channel, { notify, gap })
    return async () => {
      stopped += 1
    }
  }
  return {
    database: { listen } as Database,
    channel: (name: string) => channels.get(name),
    stopped: () => stopped,
  }
}

test('a notification wakes the listeners of its run, and no others', async () => {
  const { database, channel, stopped } = notifyingDatabase()
  const hub = await createEventHub(database, writtenDown().readers)
  const woken: string[] = []
  const listen = (run: RunId, name: string) => hub.subscribe(run, { onRows: () => woken.push(name) })
  const stops = [listen(A, 'a1'), listen(A, 'a2'), listen(B, 'b')]
  channel(EVENT_CHANNEL)?.notify(`${A}:7`)
  assert.deepEqual(woken, ['a1', 'a2'])
  stops[0]?.()
  channel(EVENT_CHANNEL)?.notify(`${A}:8`)
  assert.deepEqual(woken, ['a1', 'a2', 'a2'])
  channel(EVENT_CHANNEL)?.notify('nonsense')

  await hub.close()
  assert.equal(stopped(), 3)
  assert.ok(hub.closing.aborted)
})

test('after a gap everybody looks, since any notification may have been missed', async () => {
  const { database, channel } = notifyingDatabase()
  const hub = await createEventHub(database, writtenDown().readers)
  const woken: string[] = []
  for (const run of [A, B] as const) hub.subscribe(run, { onRows: () => woken.push(run) })
  channel(EVENT_CHANNEL)?.gap()
  assert.deepEqual(woken, [A, B])
})

test('text on its way goes to those who want it, from its beginning, and only then do workers hear of them', async () => {
  const { database, channel } = notifyingDatabase()
  const { told, readers } = writtenDown()
  const hub = await createEventHub(database, readers)
  const notify = (type: string, at: number, text: string) =>
    channel(DELTA_CHANNEL)?.notify(JSON.stringify([A, type, 1, 0, 1, at, text]))
  hub.subscribe(A, { onRows: () => assert.fail() })
  notify('model.delta', 0, 'unheard')
  assert.deepEqual(told, [])

  const first: string[] = []
  const stopFirst = hub.subscribeText(A, { onDelta: ({ text }) => first.push(text) })
  assert.deepEqual([told, hub.textSoFar(A)], [['+run_a'], []])
  notify('model.delta', 0, 'Once ')
  const second: string[] = hub.textSoFar(A).map(({ text }) => text)
  const stopSecond = hub.subscribeText(A, { onDelta: ({ text }) => second.push(text) })
  notify('model.delta', 5, 'upon')
  channel(DELTA_CHANNEL)?.notify('nonsense')
  assert.deepEqual(first, ['', 'Once ', 'upon'])
  assert.deepEqual(second, first)

  stopFirst()
  assert.deepEqual(told, ['+run_a'])
  stopSecond()
  assert.deepEqual([told, hub.textSoFar(A)], [['+run_a', '-run_a'], []])
})

test('text with a hole in it is asked for again, once', async () => {
  const { database, channel } = notifyingDatabase()
  const { told, readers } = writtenDown()
  const hub = await createEventHub(database, readers)
  const texts: string[] = []
  hub.subscribeText(A, { onDelta: ({ text }) => texts.push(text) })
  const notify = (at: number, text: string) =>
    channel(DELTA_CHANNEL)?.notify(JSON.stringify([A, 'model.delta', 1, 0, 1, at, text]))
  notify(5, 'upon ')
  notify(10, 'a ')
  assert.deepEqual([told, texts], [['+run_a', '+run_a'], []])
  notify(0, 'Once upon a time')
  assert.deepEqual(texts, ['', 'Once upon a time'])
})
