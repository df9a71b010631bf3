import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import pino from 'pino'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { createEmptyDatabase } from '../../support/postgres-database.ts'
import { assertBooks } from '../support/books.ts'
import { newRun } from '../support/samples.ts'

const run = promisify(execFile)
const logger = pino({ level: 'silent' })
const MIGRATIONS = join(import.meta.dirname, '../../../src/store/migrations')
const FILES = readdirSync(MIGRATIONS).sort()
const numberOf = (file: string): number => Number(file.slice(0, 3))

test('four processes that start at once bring an empty database up to date, each migration once', async () => {
  const { url, drop } = await createEmptyDatabase()
  const script = join(import.meta.dirname, 'migrate-process.ts')
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [script, url])))
  const database = openPostgres({ url, logger })
  const applied = await database.query<{ version: number }>({
    text: 'select version from holdfast_migrations where version > 0 order by version',
  })
  assert.deepEqual(
    applied.map(({ version }) => version),
    FILES.map(numberOf),
  )
  await database.close()
  await drop()
})

test('a migration that fails leaves nothing behind', async () => {
  const { url, drop } = await createEmptyDatabase()
  const database = openPostgres({ url, logger })
  // In the way of the first migration.
  await database.query({ text: 'create table run_events (other integer)' })
  await assert.rejects(migrate(database), /run_events/)
  const left = await database.query({ text: `select tablename from pg_tables where schemaname = 'public'` })
  assert.deepEqual(left, [{ tablename: 'run_events' }])
  await database.close()
  await drop()
})

test('what was there before people had groups and terms is kept, and completed', async () => {
  const { url, drop } = await createEmptyDatabase()
  const database = openPostgres({ url, logger })
  const sql = (name: string) => readFileSync(join(MIGRATIONS, name), 'utf8')
  await database.query({ text: sql('001.do.runs.sql') })
  await database.query({
    text: `
      insert into runs (id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, request_sha256,
        input_count, metadata)
      values ('run_1', 'acme', 'ann', 'w', 'support', '1', 'v1', '{}', '', 0, '{}');
      insert into approvals (id, run_id, tenant, agent, step, index, tool, effect, arguments, arguments_sha256, cause, rule,
        expires_at)
      values ('apr_1', 'run_1', 'acme', 'support', 1, 0, 'pay', 'write', '{}', '', 'policy', 'r', now());
      insert into tool_calls (run_id, step, index, tenant, call_id, tool, status, outcome)
      values ('run_1', 1, 0, 'acme', 'c', 'pay', 'done', '{"status":"ok"}'),
        ('run_1', 1, 1, 'acme', 'c', 'pay', 'done', '{"status":"ok"}'),
        ('run_1', 1, 2, 'acme', 'c', 'look', 'done', '{"status":"failed"}'),
        ('run_1', 1, 3, 'acme', 'c', 'read', 'requested', null)`,
  })
  for (const file of FILES.slice(1)) await database.query({ text: sql(file) })
  const approval = await findApproval(database, 'acme', 'apr_1')
  assert.equal(approval?.requester, 'ann')
  assert.deepEqual(approval?.terms.decisions, ['approve', 'reject'])
  assert.deepEqual([approval?.approvers, approval?.votes, approval?.edited], [[], [], null])
  assert.deepEqual((await findRun(database, 'acme', 'run_1'))?.groups, [])
  const used = await database.query({ text: 'select tenant, principal, tool from tools_used' })
  assert.deepEqual(used, [{ tenant: 'acme', principal: 'ann', tool: 'pay' }])
  await database.close()
  await drop()
})

test('calls from before there were books are in them', async () => {
  const { url, drop } = await createEmptyDatabase()
  const database = openPostgres({ url, logger })
  const sql = (name: string) => readFileSync(join(MIGRATIONS, name), 'utf8')
  for (const file of FILES.slice(0, 4)) await database.query({ text: sql(file) })
  const decision = (costMicroUsd: number | null) =>
    JSON.stringify({
      costMicroUsd,
      usage: {
        inputTokens: 100,
        cachedInputTokens: 40,
        cacheWriteTokens: 0,
        outputTokens: 20,
        reasoningTokens: 5,
      },
    })
  await database.query({
    text: `
      insert into runs (id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, request_sha256,
        input_count, metadata, input_tokens, output_tokens, model_calls, cost_micro_usd)
      values ('run_1', 'acme', 'ann', 'w1', 'support', '1', 'v1', '{}', '', 0, '{}', 200, 40, 2, 1000),
        ('run_2', 'acme', 'ann', 'w2', 'support', '1', 'v1', '{}', '', 0, '{}', 100, 20, 1, null);
      insert into model_calls (run_id, step, hop, tenant, attempt, seq, provider, model, served_by, decision, latency_ms)
      values ('run_1', 1, 0, 'acme', 1, 1, 'openai', 'gpt', 'gpt-1', '${decision(400)}', 5),
        ('run_1', 2, 1, 'acme', 3, 2, 'openai', 'gpt', 'gpt-1', '${decision(600)}', 5),
        ('run_2', 1, 0, 'acme', 1, 1, 'openai', 'gpt', 'gpt-1', '${decision(null)}', 5)`,
  })
  for (const file of FILES.slice(4)) await database.query({ text: sql(file) })
  const [usage] = await usageBy(database, { tenant: 'acme', groupBy: 'model' })
  assert.deepEqual(usage, {
    key: 'openai/gpt',
    costMicroUsd: 1_000,
    unknownMicroUsd: 0,
    inputTokens: 300,
    cachedInputTokens: 120,
    cacheWriteTokens: 0,
    promptCacheSavedMicroUsd: 0,
    outputTokens: 60,
    modelCalls: 3,
    attempts: 3,
    unpricedAttempts: 1,
    estimatedAttempts: 0,
    runs: 2,
    cacheHits: 0,
    cacheMisses: 0,
    savedMicroUsd: 0,
    savedInputTokens: 0,
    savedOutputTokens: 0,
  })
  const spent = { costMicroUsd: 1_000, unknownMicroUsd: 0, tokens: 240, modelCalls: 2 }
  assert.deepEqual((await findRun(database, 'acme', 'run_1'))?.budget.spent, spent)
  await assertBooks(database)
  await database.close()
  await drop()
})

test('a key from before keys belonged to principals stays that of its principal', async () => {
  const { url, drop } = await createEmptyDatabase()
  const database = openPostgres({ url, logger })
  const apply = async (files: readonly string[]) => {
    for (const file of files) {
      await database.query({ text: readFileSync(join(MIGRATIONS, file), 'utf8') })
    }
  }
  const owners = FILES.findIndex((file) => file.endsWith('owners.sql'))
  await apply(FILES.slice(0, owners))
  await database.query({
    text: `
      insert into runs (id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, idempotency_key,
        request_sha256, input_count, metadata)
      values ('run_1', 'acme', 'ann', 'support/acme/order-1', 'support', '1', 'v1', '{}', 'order-1', '', 0, '{}')`,
  })
  await apply(FILES.slice(owners))
  const [hers, his] = await Promise.all(
    ['ann', 'bob'].map((principal) => acceptRun(database, newRun({ principal, idempotencyKey: 'order-1' }))),
  )
  assert.deepEqual([hers?.created, hers?.run.id], [false, 'run_1'])
  assert.equal(his?.created, true)
  await database.close()
  await drop()
})

test('migrations are numbered without gaps, but for the one that has left, and only go forward', () => {
  for (const file of FILES) assert.match(file, /^\d{3}\.do\.[a-z-]+\.sql$/)
  // 2 was that of the demonstration: databases have it on record, so the number is never given again.
  assert.deepEqual(
    FILES.map(numberOf),
    Array.from({ length: FILES.length + 1 }, (_, place) => place + 1).filter((number) => number !== 2),
  )
})
