import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { whatThereIs } from '../../../src/activities/runs/what-there-is.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { ENDING_WORDS, LISTED_EFFECTS } from '../../../src/policies/endings.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { claimToolCall } from '../../../src/store/tools/claim-tool-call.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import {
  assistantMessage,
  modelCall,
  SHA256,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const close = { status: 'incomplete', steps: 1, approvals: [] } as const
  const atLimit = (run: RunIdentity, seq: number) =>
    whatThereIs(db, { ...close, run, reason: 'max_steps', answer: { seq, fromRecord: true } })

  /** Calls that change something, of one step: each is begun, and those that are named get their result. */
  async function act(run: RunIdentity, count: number, done: readonly number[]): Promise<void> {
    const message = assistantMessage('Now I pay it back.', Array(count).fill('issue_refund'))
    await storeAnswer(db, modelCall(run, { message }))
    for (let index = 0; index < count; index += 1) {
      const call = { run, step: 1, index, again: 0, tool: 'issue_refund', callId: `call_${index}` } as const
      await claimToolCall(db, {
        ...call,
        effect: 'irreversible',
        argumentsSha256: SHA256,
        attempt: 1,
        claimant: 'one',
      })
      const message = { ...toolMessage(index), tool: call.tool }
      if (done.includes(index)) await storeToolResult(db, toolResult(run, index, { message }))
    }
  }

  test('the last answer that the model gave stands where it stood', async () => {
    const run = await startRun(db)
    await storeAnswer(db, modelCall(run, { message: assistantMessage('Answer one.') }))
    await storeAnswer(db, modelCall(run, { step: 2, seq: 2, message: assistantMessage('Answer two.') }))
    const looking = assistantMessage('Let me look.', ['get_order'])
    await storeAnswer(db, modelCall(run, { step: 3, seq: 3, message: looking }))
    assert.deepEqual(await atLimit(run, 5), { seq: 2 })
  })

  test('without any, our words for the reason come first, and then the last that the model said', async () => {
    const run = await startRun(db)
    assert.deepEqual(await atLimit(run, 1), { seq: 1, text: ENDING_WORDS.max_steps })
    const looking = assistantMessage('Let me look.', ['get_order'])
    await storeAnswer(db, modelCall(run, { message: looking }))
    const text = `${ENDING_WORDS.max_steps}\n\nThe last words were: Let me look.`
    assert.deepEqual(await atLimit(run, 3), { seq: 3, text })
  })

  test('what has been done follows, with what nobody knows', async () => {
    const run = await startRun(db)
    await act(run, 2, [0])
    const { text } = await whatThereIs(db, {
      ...close,
      run,
      reason: 'models_unavailable',
      answer: { seq: 4, text: 'Later, please.', fromRecord: true },
    })
    assert.equal(
      text,
      [
        'Later, please.',
        '',
        'Done so far:',
        '- issue_refund(order=0): ok',
        '- issue_refund(order=1): it is not known whether it took effect',
      ].join('\n'),
    )
  })

  test('a sub-agent’s deeds are its parent’s, and another run’s are not', async () => {
    const [run, other] = [await startRun(db), await startRun(db)]
    const child = await startRun(db)
    await db.query({
      text: 'update runs set parent_run_id = $2 where id = $1',
      values: [child.runId, run.runId],
    })
    await act(child, 1, [0])
    await act(other, 1, [0])
    const lines = (await atLimit(run, 1)).text?.split('\n').filter((line) => line.startsWith('- '))
    assert.deepEqual(lines, ['- issue_refund(order=0): ok'])
  })

  test('of very many the latest are told, and that there are more', async () => {
    const run = await startRun(db)
    const count = LISTED_EFFECTS.most + 3
    await act(
      run,
      count,
      Array.from({ length: count }, (_, index) => index),
    )
    const lines = (await atLimit(run, 99)).text?.split('\n').filter((line) => line.startsWith('- ')) ?? []
    assert.equal(lines.length, LISTED_EFFECTS.most + 1)
    assert.match(lines[0] ?? '', /more before these/)
    assert.match(lines.at(-1) ?? '', new RegExp(`order=${count - 1}\\)`))
  })
})
