import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRunReaders, type ListeningRunReaders } from '../../../src/activities/events/run-readers.ts'
import { openReaderAnnouncer } from '../../../src/api/events/reader-announcer.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { READER_CHANNEL, type ReaderNotice, tellReaders } from '../../../src/store/record/reader-notices.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'

const A: RunId = 'run_a'
const B: RunId = 'run_b'

forEachDatabase((_name, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  /** A worker's view, over a clock of the test's own. */
  async function listening(t: { after(fn: () => Promise<void>): void }) {
    let atMs = 0
    const readers = createRunReaders(database, testLogger, { goneAfterMs: 1_000, now: () => atMs })
    t.after(() => readers.close())
    await readers.listen()
    const pass = (ms: number) => {
      atMs += ms
    }
    return { readers, pass }
  }

  /** Resolves when the worker has heard all that was told before. Notifications come in order. */
  async function heardAll(readers: ListeningRunReaders): Promise<void> {
    const mark: RunId = `run_${Math.random()}`
    const heard = Promise.withResolvers<void>()
    const stop = readers.watch(mark, heard.resolve)
    await tellReaders(database, [{ kind: 'new', api: 'mark', runs: [mark] }])
    await heard.promise
    stop()
  }
  const tell = (...notices: readonly ReaderNotice[]) => tellReaders(database, notices)

  test('a run has readers from the first one’s coming to the last one’s leaving, over all APIs', async (t) => {
    const { readers } = await listening(t)
    const come: string[] = []
    readers.watch(A, () => come.push('a'))
    await tell({ kind: 'new', api: '1', runs: [A] }, { kind: 'new', api: '2', runs: [A] })
    await heardAll(readers)
    assert.deepEqual([readers.areThere(A), readers.areThere(B), come], [true, false, ['a', 'a']])
    await tell({ kind: 'gone', api: '1', runs: [A] })
    await heardAll(readers)
    assert.ok(readers.areThere(A))
    await tell({ kind: 'gone', api: '2', runs: [A] })
    await heardAll(readers)
    assert.ok(!readers.areThere(A))
  })

  test('an API that was killed has no readers after a while, and one that goes on has', async (t) => {
    const { readers, pass } = await listening(t)
    await tell({ kind: 'new', api: '1', runs: [A] }, { kind: 'new', api: '2', runs: [B] })
    await heardAll(readers)
    pass(900)
    await tell({ kind: 'still', api: '2', runs: [B] })
    await heardAll(readers)
    pass(200)
    assert.deepEqual([readers.areThere(A), readers.areThere(B)], [false, true])
    // A worker that counted it as gone has sent it nothing meanwhile.
    const come: string[] = []
    readers.watch(A, () => come.push('a'))
    await tell({ kind: 'still', api: '1', runs: [A] }, { kind: 'still', api: '1', runs: [A] })
    await heardAll(readers)
    assert.deepEqual(come, ['a'])
  })

  test('a worker that starts asks, and an API with readers says so; one without says nothing', async (t) => {
    const notices: unknown[] = []
    const stop = await database.listen(READER_CHANNEL, (payload) => notices.push(JSON.parse(payload)[0]))
    t.after(stop)
    const [api, silent] = await Promise.all([
      openReaderAnnouncer(database, testLogger, 3_600_000),
      openReaderAnnouncer(database, testLogger, 1),
    ])
    t.after(() => api.close())
    t.after(() => silent.close())
    const many = Array.from({ length: 500 }, (_, n): RunId => `run_${String(n).padStart(26, '0')}`)
    for (const run of many) api.announce(run)
    // Comings and leavings keep their order.
    for (const run of [A, B] as const) {
      api.announce(run)
      api.withdraw(run)
    }
    api.announce(A)
    const { readers } = await listening(t)
    const said = (kind: string) => notices.filter((one) => one === kind).length
    // The first announcements may tell of all of them before the answer does.
    while (said('still') < 3 || !many.every((run) => readers.areThere(run))) await heardAll(readers)
    assert.deepEqual([readers.areThere(A), readers.areThere(B)], [true, false])
    assert.equal(said('ask'), 1)
    assert.equal(said('still'), 3)
  })

  test('what is not ours on the channel is passed over', async (t) => {
    const { readers } = await listening(t)
    for (const payload of ['', '{}', '[]', '["new"]', '["new","1","0",7]', '["what","1","0","run_a"]']) {
      await database.query({ text: `select pg_notify('${READER_CHANNEL}', $1)`, values: [payload] })
    }
    await heardAll(readers)
    assert.ok(!readers.areThere(A))
  })

  after(() => database.close())
})
