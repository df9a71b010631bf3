import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { LiveProcess } from '../../../src/contracts/processes/process.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { noteLostProcesses } from '../../../src/store/processes/note-lost-processes.ts'
import { announceProcess, forgetProcess } from '../../../src/store/processes/processes.ts'
import { forEachDatabase } from '../../support/database.ts'

const taskQueue = 'lost'
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
    const gone = { taskQueue, livesForMs: 0 }
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
    assert.equal((await noteLostProcesses(db, { taskQueue, livesForMs: 0 })).length, 1)
    await announce(process)
    await forgetProcess(db, process.id)
    assert.deepEqual(await noteLostProcesses(db, { taskQueue, livesForMs: 0 }), [])
  })
})
