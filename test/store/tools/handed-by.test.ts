import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { findToolCall } from '../../../src/store/tools/find-tool-call.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { countFailed } from '../../../src/store/tools/tool-tries.ts'
import { forEachDatabase } from '../../support/database.ts'
import {
  assistantMessage,
  modelCall,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('whatever is stored of a call names the last handoff before its step', async () => {
    const run = await startRun(db)
    let seq = 1
    const answer = async (step: number, ...tools: string[]) => {
      await storeAnswer(db, modelCall(run, { step, seq, message: assistantMessage('', tools) }))
      seq += 1 + tools.length
    }
    const handOver = async (step: number, index: number, tool: string) => {
      const note = { seq: seq - 1, index, message: { ...toolMessage(index), tool }, code: null, rule: null }
      return (await noteToolResults(db, { run, step, notes: [{ ...note, handoff: 'somebody' }] })).handedBy
    }
    /** What the three statements say of the step's first call. */
    const saidOf = async (step: number, resultSeq: number) => {
      const key = { run, step, index: 0, again: 0 }
      const { handedBy: failed } = await countFailed(db, key)
      const stored = await storeToolResult(db, toolResult(run, 0, { step, seq: resultSeq }))
      const found = await findToolCall(db, key)
      return [failed, stored === 'not_authorised' ? stored : stored.handedBy, found?.handedBy]
    }

    await answer(1, 'get_order', 'handoff_to_billing')
    assert.equal(await handOver(1, 1, 'handoff_to_billing'), null)
    assert.deepEqual(
      await saidOf(1, 2),
      [null, null, null],
      'the call beside the handoff is the first agent’s',
    )

    await answer(2, 'get_order', 'handoff_to_returns')
    assert.equal(await handOver(2, 1, 'handoff_to_returns'), 'handoff_to_billing')
    assert.deepEqual(await saidOf(2, 5), Array(3).fill('handoff_to_billing'))

    await answer(3, 'get_order')
    assert.deepEqual(await saidOf(3, 8), Array(3).fill('handoff_to_returns'))
  })
})
