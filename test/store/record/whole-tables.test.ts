import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database, Db } from '../../../src/store/database/database.ts'
import { claimToolCall } from '../../../src/store/tools/claim-tool-call.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import {
  assistantMessage,
  modelCall,
  SHA256,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../support/samples.ts'

/* What a step costs does not grow with how many runs the store has: none of its statements reads a whole table. */

const TOOLS = ['get_order', 'handoff_to_billing', 'issue_refund']

/** An answer with three calls: one that reads, one that hands the run over, and one that changes something. */
async function takeStep(db: Database, run: RunIdentity): Promise<void> {
  const verdicts = TOOLS.map(() => ({ verdict: 'allow', terms: 'standard' }) as const)
  await storeAnswer(db, modelCall(run, { message: assistantMessage('', TOOLS), verdicts }))
  const call = { run, step: 1, again: 0, attempt: 1, argumentsSha256: SHA256 }
  assert.notEqual(await storeToolResult(db, toolResult(run, 0)), 'not_authorised')
  const note = { seq: 3, index: 1, message: toolMessage(1), code: null, handoff: 'billing', rule: null }
  await noteToolResults(db, { run, step: 1, notes: [note] })
  const claim = { tool: 'issue_refund', effect: 'irreversible', callId: 'call_2' } as const
  const claimed = await claimToolCall(db, { ...call, ...claim, index: 2, claimant: randomUUID() })
  assert.equal(claimed.state, 'claimed')
}

const TABLES = ['runs', 'messages', 'run_events', 'model_calls', 'model_attempts', 'tool_calls']

/** Has every run as often again as there are copies: of a table of one page all is read, whoever looks for what. */
async function copyRuns(db: Database, copies: number): Promise<void> {
  for (const table of TABLES) {
    const keys = table === 'runs' ? ['id', 'workflow_id'] : ['run_id']
    const changes = keys.map((key) => `'${key}', row.${key} || '-' || n`)
    await db.query({
      text: `
        insert into ${table}
        select copy.* from ${table} as row, generate_series(1, $1::integer) as n,
          json_populate_record(row, json_build_object(${changes.join(', ')})) as copy`,
      values: [copies],
    })
  }
  await db.query({ text: 'vacuum analyze' })
}

/** Rows read by scans of whole tables, by table. */
async function readWhole(tx: Db): Promise<Record<string, number>> {
  const rows = await tx.query<{ table: string; count: number }>({
    text: 'select relname as table, seq_tup_read as count from pg_stat_xact_user_tables where relname = any ($1)',
    values: [TABLES],
  })
  return Object.fromEntries(rows.map(({ table, count }) => [table, count]))
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
    for (let n = 0; n < 5; n += 1) await takeStep(db, await startRun(db))
    await copyRuns(db, 100)
  })

  test('no statement of a step reads a whole table', async () => {
    const run = await startRun(db)
    await db.transaction(async (tx) => {
      const before = await readWhole(tx)
      assert.equal(Object.keys(before).length, TABLES.length)
      await takeStep({ ...db, query: tx.query }, run)
      assert.deepEqual(await readWhole(tx), before)
    })
  })
})
