import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { LiveProcess } from '../../../src/contracts/processes/process.ts'
import { fingerprint } from '../../../src/security/signature.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { keepPresence } from '../../../src/store/processes/presence.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { forEachDatabase } from '../../support/database.ts'

const worker = (id: string, secret: string | null): LiveProcess => ({
  id,
  kind: 'worker',
  facts: { secret, missingKeys: [] },
})
const LIVES = { livesForMs: 60_000, keptForMs: 86_400_000 }

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('processes of one task queue see each other, those that have gone silent excepted', async () => {
    const announce = (process: LiveProcess, taskQueue = 'seen', clocks = LIVES) =>
      announceProcess(db, { process, taskQueue, ...clocks })
    const one = worker('host:1', null)
    const two = worker('host:2', 'abc')
    assert.deepEqual(await announce(one), [])
    assert.deepEqual(await announce(two), [one])
    assert.deepEqual(await announce(one), [two])
    assert.deepEqual(await announce(worker('host:3', null), 'another'), [])
    assert.deepEqual(await announce(one, 'seen', { ...LIVES, livesForMs: 0 }), [])
    await announce(worker('host:4', null), 'another', { ...LIVES, keptForMs: 0 })
    assert.deepEqual(await announce(one), [], 'a row that is too old is removed')
  })

  test('a worker publishes how many calls it has at its providers at the time', async () => {
    const taskQueue = 'concurrency'
    const presence = keepPresence(db, {
      kind: 'worker',
      taskQueue,
      facts: { secret: null, missingKeys: [] },
      concurrency: () => ({ openai: { limit: 57, inFlight: 3, waiting: 0 } }),
      logger: { error: assert.fail, debug: assert.fail },
    })
    const seenBy = async (id: string) =>
      (await announceProcess(db, { process: worker(id, null), taskQueue, ...LIVES })).find(
        (one) => one.id === presence.self.id,
      )
    for (let tries = 0; (await seenBy('reader')) === undefined; tries += 1) assert.ok(tries < 1_000)
    assert.deepEqual((await seenBy('reader'))?.facts.concurrency, {
      openai: { limit: 57, inFlight: 3, waiting: 0 },
    })
    await presence.stop()
  })

  test('a process complains once of each other one whose secret is not its own', async () => {
    const complaints: unknown[] = []
    const logger = {
      error: (about: unknown) => complaints.push(about),
      debug: (about: unknown) => assert.fail(String(about)),
    }
    const taskQueue = 'secrets'
    for (const [id, secret] of Object.entries({
      same: fingerprint('s'.repeat(32)),
      other: 'other',
      none: null,
    })) {
      await announceProcess(db, { process: worker(id, secret), taskQueue, ...LIVES })
    }
    const facts = { secret: fingerprint('s'.repeat(32)), missingKeys: [] }
    const presence = keepPresence(db, { kind: 'api', taskQueue, facts, logger })
    await presence.stop()
    assert.deepEqual(
      complaints.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      [
        { processId: 'none', kind: 'worker' },
        { processId: 'other', kind: 'worker' },
      ],
    )
    assert.equal(presence.peers().length, 3)
    const left = await announceProcess(db, { process: worker('late', null), taskQueue, ...LIVES })
    assert.deepEqual(left.map(({ id }) => id).toSorted(), ['none', 'other', 'same'])
  })
})
