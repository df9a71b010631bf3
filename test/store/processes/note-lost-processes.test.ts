import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { LiveProcess } from '../../../src/contracts/processes/process.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { noteLostProcesses } from '../../../src/store/processes/note-lost-processes.ts'
import { announceProcess, forgetProcess } from '../../../src/store/processes/processes.ts'
import { forEachDatabase } from '../../support/database.ts'

const taskQueue = 'lost'
/** `seen_at` is rounded to the millisecond, and may lie in the next one. */
const AT_ONCE = -1
const process: LiveProcess = { id: 'host:1', kind: 'worker', facts: { secret: null, missingKeys: [] } }

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const announce = (process: LiveProcess) =>
    announceProcess(db, { process, taskQueue, livesForMs: 60_000, keptForMs: 86_400_000 })

  test('one of several that look is told of a process that is gone, once', async () => {
    await announce(process)
    assert.deepEqual(await noteLostProcesses(db, { taskQueue, livesForMs: 60_000 }), [], 'it lives')
    const gone = { taskQueue, livesForMs: AT_ONCE }
    assert.deepEqual(await noteLostProcesses(db, { ...gone, taskQueue: 'another' }), [])
    const told = (await Promise.all(Array.from({ length: 5 }, () => noteLostProcesses(db, gone)))).flat()
    assert.deepEqual(
      told.map(({ id, kind }) => [id, kind]),
      [['host:1', 'worker']],
    )
    assert.ok((told[0]?.unseenMs ?? -1) >= 0)
    assert.deepEqual(await noteLostProcesses(db, gone), [])
  })

  test('a process that comes back can be lost again, and one that has withdrawn is not', async () => {
    await announce(process)
    assert.equal((await noteLostProcesses(db, { taskQueue, livesForMs: AT_ONCE })).length, 1)
    await announce(process)
    await forgetProcess(db, process.id)
    assert.deepEqual(await noteLostProcesses(db, { taskQueue, livesForMs: AT_ONCE }), [])
  })
})
