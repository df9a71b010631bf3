import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type EventResource, event as eventSchema } from '../../../src/api/events/event.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { SentDelta } from '../../../src/contracts/events/event.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { publishDeltas } from '../../../src/store/record/deltas.ts'
import { forEachDatabase } from '../../support/database.ts'
import { type PlayedRun, playRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { type Entry, readStream } from '../support/read-stream.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

interface EventPage {
  readonly data: readonly EventResource[]
  readonly has_more: boolean
  readonly next: string | null
}

forEachDatabase((_name, open) => {
  let database: Database
  let api: TestApi
  const eventsOf = ({ id }: PlayedRun) => `${api.url}/v1/runs/${id}/events`

  before(async () => {
    database = await open()
    // Strict: a reader that came to Temporal, to cancel say, would be noticed.
    api = await startApi(database, recordingTemporal().client)
  })
  after(() => api.close())

  test('a stream gives what was, follows what comes, and ends with the run', async () => {
    const run = await playRun(database)
    await run.open()
    const seen: Entry[] = []
    for await (const entry of readStream(eventsOf(run))) {
      seen.push(entry)
      eventSchema.parse(entry.data)
      if (seen.length === 2) await run.step()
      if (seen.length === 3) await run.close()
    }
    assert.deepEqual(
      seen.map(({ id, event }) => `${id} ${event}`),
      ['1 run.queued', '2 run.started', '3 model.completed', '4 run.completed'],
    )
    assert.deepEqual(
      seen.map(({ data }) => String(data['seq'])),
      ['1', '2', '3', '4'],
    )
  })

  test('20 readers that drop and resume at random points each get every event once, in order', async () => {
    const run = await playRun(database)
    const steps = 60
    async function write(): Promise<void> {
      await run.open()
      for (let i = 0; i < steps; i++) await run.step()
      await run.close()
    }
    const [, ...readers] = await Promise.all([
      write(),
      ...Array.from({ length: 20 }, () => readInPieces(eventsOf(run))),
    ])
    const all = Array.from({ length: steps + 3 }, (_, i) => i + 1)
    for (const seqs of readers) assert.deepEqual(seqs, all)
  })

  test('text on its way comes without an id, and with its attempt', async () => {
    const run = await playRun(database)
    await run.open()
    const delta: SentDelta = {
      runId: run.id,
      type: 'model.delta',
      step: 1,
      hop: 0,
      attempt: 2,
      at: 0,
      text: 'Hel',
    }
    let said: Entry | undefined
    async function publish(): Promise<void> {
      // Text is for those who are there: again until the reader is.
      for (; said === undefined; await delay(20)) await publishDeltas(database, [delta])
      await run.close()
    }
    async function listen(): Promise<void> {
      for await (const entry of readStream(eventsOf(run))) if (entry.event === 'model.delta') said ??= entry
    }
    await Promise.all([publish(), listen()])
    assert.ok(said)
    const { id, data } = said as Entry
    assert.equal(id, null)
    assert.deepEqual(data, {
      object: 'delta',
      run_id: run.id,
      type: 'model.delta',
      step: 1,
      hop: 0,
      attempt: 2,
      text: 'Hel',
    })
  })

  test('a reader that goes away ends nothing but its stream', async () => {
    const run = await playRun(database)
    for await (const _ of readStream(eventsOf(run))) break
    await run.open()
    await run.close()
    const { body } = await get<RunResource>(`${api.url}/v1/runs/${run.id}`)
    assert.equal(body.status, 'completed')
  })

  test('who comes back after the last event is told not to come again', async () => {
    const run = await playRun(database)
    await run.open()
    await run.close()
    const headers = { accept: 'text/event-stream', 'last-event-id': '3' }
    assert.equal((await fetch(eventsOf(run), { headers })).status, 204)
    const early = []
    for await (const { id } of readStream(`${eventsOf(run)}?after=1`)) early.push(id)
    assert.deepEqual(early, ['2', '3'])
  })

  test('without a wish for a stream the events come in pages', async () => {
    const run = await playRun(database)
    await run.open()
    for (let i = 0; i < 5; i++) await run.step()
    await run.close()
    const seqs: number[] = []
    let pages = 0
    for (let next: string | null = '0'; next !== null; pages++) {
      const { body }: { body: EventPage } = await get<EventPage>(`${eventsOf(run)}?limit=3&after=${next}`)
      seqs.push(...body.data.map(({ seq }) => seq))
      assert.equal(body.has_more, body.next !== null)
      next = body.next
    }
    assert.deepEqual(seqs, [1, 2, 3, 4, 5, 6, 7, 8])
    assert.equal(pages, 3)
  })

  test('a Last-Event-ID that is not ours is refused', async () => {
    const run = await playRun(database)
    const headers = { accept: 'text/event-stream', 'last-event-id': 'evt_1' }
    assert.equal((await fetch(eventsOf(run), { headers })).status, 400)
    const page = { 'last-event-id': 'evt_1' }
    assert.equal((await fetch(eventsOf(run), { headers: page })).status, 400)
  })

  test('an API that stops ends its streams, and does not wait for their readers', async () => {
    const other = await startApi(database, recordingTemporal().client)
    const run = await playRun(database)
    const seen: string[] = []
    for await (const { event } of readStream(`${other.url}/v1/runs/${run.id}/events`)) {
      seen.push(event)
      await other.close()
    }
    assert.deepEqual(seen, ['run.queued'])
  })

  test('an API that stops answers those who wait with the run as it is', async () => {
    const other = await startApi(database, recordingTemporal().client)
    const ask = { agent: 'support', input: 'Hello' }
    const waiting = post<RunResource>(`${other.url}/v1/runs`, ask, { prefer: 'wait=60' })
    // Nobody else asks for support here: once the run is on the record, so is the one who waits.
    for (let there = false; !there; await delay(10)) {
      const { body } = await get<{ data: unknown[] }>(`${other.url}/v1/runs?agent=support`)
      there = body.data.length > 0
    }
    await other.close()
    const { status, body: run } = await waiting
    assert.deepEqual([status, run.status], [202, 'queued'])
  })
})

/** Reads a few events at a time, and comes back with the last one's id, in one of the two ways, until the run's last one. */
async function readInPieces(url: string): Promise<number[]> {
  const seqs: number[] = []
  for (;;) {
    const place = seqs.at(-1) ?? 0
    const many = 1 + Math.floor(Math.random() * 12)
    const byHeader = Math.random() < 0.5
    const from = byHeader ? url : `${url}?after=${place}`
    let read = 0
    for await (const { id, event } of readStream(from, byHeader ? { 'last-event-id': String(place) } : {})) {
      seqs.push(Number(id))
      if (event === 'run.completed') return seqs
      if (++read === many) break
    }
  }
}
