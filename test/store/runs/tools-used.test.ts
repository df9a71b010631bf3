import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assistantMessage, begun, modelCall, startRun, storeAnswer, toolResult } from '../support/samples.ts'

const TOOLS = ['get_order', 'issue_refund']

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function neverUsed(run: RunIdentity): Promise<readonly string[]> {
    return (await begun(db, run, { step: 9, seq: 99, firstTimeOf: TOOLS })).neverUsed
  }

  async function use(run: RunIdentity, status: 'ok' | 'failed' | 'outcome_unknown'): Promise<void> {
    await storeAnswer(db, modelCall(run, { message: assistantMessage('', ['get_order']) }))
    await storeToolResult(db, toolResult(run, 0, { outcome: { status, preview: '' } }))
  }

  test('a tool is new to a principal until it has succeeded, in whatever run', async () => {
    const first = await startRun(db, { principal: 'one' })
    assert.deepEqual(await neverUsed(first), TOOLS)
    await use(first, 'failed')
    await use(await startRun(db, { principal: 'one' }), 'outcome_unknown')
    assert.deepEqual(await neverUsed(first), TOOLS)
    await use(await startRun(db, { principal: 'one' }), 'ok')
    await use(await startRun(db, { principal: 'one' }), 'ok')
    assert.deepEqual(await neverUsed(first), ['issue_refund'])
  })

  test('what others have used does not count, be it under the same name in another tenant', async () => {
    await use(await startRun(db, { principal: 'two' }), 'ok')
    assert.deepEqual(await neverUsed(await startRun(db, { principal: 'three' })), TOOLS)
    assert.deepEqual(await neverUsed(await startRun(db, { principal: 'two', tenant: 'other' })), TOOLS)
  })

  test('of many at once that use a tool for the first time none fails', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => startRun(db, { principal: 'many' })))
    await Promise.all(runs.map((run) => use(run, 'ok')))
    for (const run of runs) assert.deepEqual(await neverUsed(run), ['issue_refund'])
  })
})
