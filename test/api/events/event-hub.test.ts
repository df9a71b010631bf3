import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventHub } from '../../../src/api/events/event-hub.ts'
import type { RunId } from '../../../src/contracts/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { DELTA_CHANNEL } from '../../../src/store/record/deltas.ts'
import { EVENT_CHANNEL } from '../../../src/store/record/events.ts'

const A: RunId = 'run_a'
const B: RunId = 'run_b'

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
  const hub = await createEventHub(database)
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
  const hub = await createEventHub(database)
  const woken: string[] = []
  for (const run of [A, B] as const) hub.subscribe(run, { onRows: () => woken.push(run) })
  channel(EVENT_CHANNEL)?.gap()
  assert.deepEqual(woken, [A, B])
})

test('deltas go to the listeners that want them', async () => {
  const { database, channel } = notifyingDatabase()
  const hub = await createEventHub(database)
  const texts: string[] = []
  hub.subscribe('run_a', { onRows: () => assert.fail(), onDelta: ({ text }) => texts.push(text) })
  hub.subscribe('run_a', { onRows: () => assert.fail() })
  const delta = ['run_a', 'model.delta', 1, 0, 1, 0, 'x']
  channel(DELTA_CHANNEL)?.notify(JSON.stringify(delta))
  channel(DELTA_CHANNEL)?.notify('nonsense')
  assert.deepEqual(texts, ['x'])
})
