import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { StoredFile } from '../../../src/contracts/files/file.ts'
import { fromParts } from '../../../src/contracts/files/message-file.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { readBefore, resultsBefore } from '../../../src/store/memory/read-before.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import {
  answerTo,
  assistantMessage,
  begun,
  modelCall,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../support/samples.ts'
import { openThread } from '../threads/support/thread-room.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** A step that calls these tools, each with its name as its result. */
  async function step(run: RunIdentity, n: number, seq: number, tools: readonly string[]): Promise<void> {
    await storeAnswer(db, modelCall(run, { step: n, seq, message: assistantMessage('Looking.', tools) }))
    for (const [index, tool] of tools.entries()) {
      const message = { ...toolMessage(index, `of ${tool}`), tool }
      await storeToolResult(db, toolResult(run, index, { step: n, seq: seq + 1 + index, message }))
    }
  }

  test('results of earlier steps were read, those of the same step were not', async () => {
    const run = await startRun(db)
    assert.deepEqual(await readBefore(db, { run, step: 1 }), { tools: [], users: [], files: [] })
    await step(run, 1, 1, ['search', 'recall'])
    await step(run, 2, 4, ['mail', 'search'])
    assert.deepEqual((await readBefore(db, { run, step: 2 })).tools, ['recall', 'search'])
    assert.deepEqual((await readBefore(db, { run, step: 3 })).tools, ['mail', 'recall', 'search'])
    assert.deepEqual(await resultsBefore(db, { run, step: 2 }, ['recall']), ['of recall'])
    assert.deepEqual(await resultsBefore(db, { run, step: 2 }, ['mail']), [])
  })

  test('a call that was not carried out brings nothing', async () => {
    const run = await startRun(db)
    await storeAnswer(db, modelCall(run, { message: assistantMessage('To billing.', ['handoff', 'pay']) }))
    const note = (index: number, tool: string) => ({
      seq: 2 + index,
      index,
      message: { ...toolMessage(index), tool },
      rule: null,
    })
    const notes = [
      { ...note(0, 'handoff'), code: null, handoff: 'billing' },
      { ...note(1, 'pay'), code: 'tool_denied' as const },
    ]
    await noteToolResults(db, { run, step: 1, notes })
    assert.deepEqual((await readBefore(db, { run, step: 2 })).tools, [])
  })

  test('earlier turns of the thread were read, and who wrote them where that was somebody else', async () => {
    const room = await openThread(db)
    const first = await room.accepted('Look it up', 'enqueue', { principal: 'olga' })
    await step(await room.inTurn(first.run.id), 1, 1, ['search'])
    await room.end(first.run.id)
    const second = await room.accepted('And now?')
    const run = await room.inTurn(second.run.id)
    assert.deepEqual(await readBefore(db, { run, step: 1 }), {
      tools: ['search'],
      users: ['olga'],
      files: [],
    })
  })

  test('a sub-agent has what the run that it works for had read', async () => {
    const parent = await startRun(db)
    await step(parent, 1, 1, ['search'])
    const child = await startRun(db, { id: `${parent.runId}_2_0` })
    await db.query({
      text: 'update runs set parent_run_id = $1 where id = $2',
      values: [parent.runId, child.runId],
    })
    assert.deepEqual((await readBefore(db, { run: child, step: 1 })).tools, ['search'])
  })

  test('a file of a message was read, in earlier turns as well, and an image of a tool is the tool’s', async () => {
    const file = (id: string): StoredFile => ({
      id: `file_${id}`,
      tenant: 'acme',
      principal: 'ann',
      type: 'image/png',
      bytes: 1,
      sha256: 'a',
      name: null,
      tokens: 1,
      createdAt: '',
    })
    const room = await openThread(db)
    const first = await room.accepted('', 'enqueue', {
      input: [{ role: 'user', ...fromParts([{ file: file('letter') }]) }],
    })
    const opened = await room.inTurn(first.run.id)
    const message = { ...toolMessage(0), tool: 'draw', ...fromParts([{ file: file('drawn') }]) }
    const call = await begun(db, opened, { files: { accepts: ['image'], factor: 1 } })
    await storeModelCall(db, answerTo(opened, call, { message: assistantMessage('Look.', ['draw']) }))
    await storeToolResult(db, toolResult(opened, 0, { message }))
    assert.deepEqual((await readBefore(db, { run: opened, step: 1 })).files, ['file_letter'])
    await room.end(first.run.id)
    const second = await room.accepted('And now?')
    const next = await room.inTurn(second.run.id)
    assert.deepEqual((await readBefore(db, { run: next, step: 1 })).files, ['file_letter'])
  })

  test('a message of somebody else was read', async () => {
    const run = await startRun(db)
    await db.query({
      text: `insert into inbox_messages (run_id, id, tenant, message) values
        ($1, 'one', 'acme', '{"role":"user","text":"Hi","by":"bob"}'), ($1, 'two', 'acme', '{"role":"user","text":"Me","by":"ann"}')`,
      values: [run.runId],
    })
    await storeAnswer(db, modelCall(run, { seq: 3, inbox: ['one', 'two'] }))
    assert.deepEqual((await readBefore(db, { run, step: 2 })).users, ['bob'])
  })
})
