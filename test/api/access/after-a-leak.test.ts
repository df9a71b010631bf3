import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import pino from 'pino'
import { childEnvironment } from '../../../src/config/config.ts'
import { logFacts } from '../../../src/telemetry/logs/log-facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { requirePrograms } from '../../support/machine-programs.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { post, send } from '../support/post.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface Made {
  readonly id: string
}

let store: TestDatabase
let api: TestApi
let directory: string
let log: string
/** What the page has to run, a command a line. */
let commands: readonly string[]

before(async () => {
  requirePrograms('curl', 'jq')
  directory = mkdtempSync(join(tmpdir(), 'after-a-leak-'))
  log = join(directory, 'api.log')
  const logger = pino({ level: 'info' }, pino.destination({ dest: log, sync: true }))
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, standInTemporal().client, 'test', {
    auth: 'keys',
    logger,
    telemetry: createTelemetry([logFacts(logger)]),
  })
  const [, part = ''] = readFileSync('docs/guides/secure-it.md', 'utf8').split('\n## After a leak\n')
  const [own = ''] = part.split('\n## ')
  commands = [...own.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )
})
after(async () => {
  await api.close()
  await store.close()
  rmSync(directory, { recursive: true })
})

test('the commands of the guide find what a leaked key has left behind, and end it', async () => {
  // Of a key that ends soon the log has a line that is about no request.
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const leaked = await makeKey(store.database, { principal: 'ann', expiresAt })
  const other = await makeKey(store.database, { principal: 'bob', scopes: ['runs:read'] })
  const { text: key } = await makeKey(store.database, { principal: 'olga' })
  const make = async (path: string, body: object) =>
    (await post<Made>(`${api.url}/v1/${path}`, body, leaked.headers)).body.id
  const start = { agent: 'assistant', input: 'Hello' }
  const left = {
    MADE: await make('keys', { principal: 'eve', scopes: ['admin'] }),
    WEBHOOK: await make('webhooks', { url: 'https://evil.example/', events: ['run.completed'] }),
    SCHEDULE: await make('schedules', { timing: { type: 'interval', every_ms: 60_000 }, run: start }),
    RUN: await make('runs', start),
  }
  await post(`${api.url}/v1/runs`, start, (await makeKey(store.database, { principal: 'ann' })).headers)
  await make(`keys/${other.id}/rotate`, {})
  await until('the last line', async () => readFileSync(log, 'utf8').includes(other.id))
  assert.match(readFileSync(log, 'utf8'), /a key that is used ends soon/)

  const run = commandsWith({ KEY: key, LEAKED: leaked.id, ...left })
  assert.match(await run('keys/$LEAKED'), /"revoked_at":"2/)
  const changed = rowsOf(await run("jq -rR --arg id $LEAKED 'fromjson? | objects | select(("))
  assert.deepEqual(
    changed.map(([, ...what]) => what),
    [
      ['POST', '/v1/keys', '201', left.MADE, left.MADE, ''],
      ['POST', '/v1/webhooks', '201', left.WEBHOOK, '', ''],
      ['POST', '/v1/schedules', '201', left.SCHEDULE, '', ''],
      ['POST', '/v1/runs', '202', left.RUN, '', left.RUN],
      ['POST', '/v1/keys/:id/rotate', '200', other.id, other.id, ''],
    ],
  )
  for (const [find, name, end] of [
    ['$URL/v1/keys -H', 'MADE', 'keys/$MADE -H'],
    ['$URL/v1/webhooks -H', 'WEBHOOK', 'webhooks/$WEBHOOK -H'],
    ['$URL/v1/schedules -H', 'SCHEDULE', 'schedules/$SCHEDULE'],
    ['-G $URL/v1/runs ', 'RUN', 'runs/$RUN/cancel'],
  ] as const) {
    const found = rowsOf(await run(find)).map(([id]) => id)
    assert.deepEqual(found, [left[name]], find)
    await run(end)
  }
  const rest = ['$URL/v1/keys -H', '$URL/v1/webhooks -H', '$URL/v1/schedules -H'].map(run)
  assert.deepEqual(await Promise.all(rest), ['', '', ''])
})

test('they find what it has changed of others, and end the secrets that it was told', async () => {
  const { headers } = await makeKey(store.database)
  const leaked = await makeKey(store.database)
  const { text: key } = await makeKey(store.database, { principal: 'olga' })
  const make = async (path: string, body: object) =>
    (await post<Made>(`${api.url}/v1/${path}`, body, headers)).body.id
  const change = (path: string, body: object) => send('PATCH', `${api.url}/v1/${path}`, body, leaked.headers)
  const hook = { url: 'https://hooks.corp.example/', events: ['run.completed'] }
  const timed = {
    timing: { type: 'interval', every_ms: 60_000 },
    run: { agent: 'assistant', input: 'Hello' },
  }
  const [moved, told] = [await make('webhooks', hook), await make('webhooks', hook)]
  await make('webhooks', hook)
  const rescheduled = await make('schedules', timed)
  await make('schedules', timed)
  await change(`webhooks/${moved}`, { url: 'https://evil.example/' })
  await post(`${api.url}/v1/webhooks/${told}/rotate`, {}, leaked.headers)
  await change(`schedules/${rescheduled}`, { run: { agent: 'assistant', input: 'Bye' } })

  const run = commandsWith({ KEY: key, LEAKED: leaked.id, WEBHOOK: told })
  const found = async (words: string) => rowsOf(await run(words)).map(([id]) => id)
  assert.deepEqual(await found('$URL/v1/webhooks -H'), [told, moved])
  assert.deepEqual(await found('$URL/v1/schedules -H'), [rescheduled])
  await run('webhooks/$WEBHOOK/rotate')
  assert.deepEqual(await found('$URL/v1/webhooks -H'), [moved])
})

/** Runs the page's command that has certain words. */
function commandsWith(variables: Readonly<Record<string, string>>): (words: string) => Promise<string> {
  const env = { ...childEnvironment(), URL: api.url, LOG: log, ...variables }
  return async (words) => {
    const [command, ...others] = commands.filter((line) => line.includes(words))
    assert.ok(command && others.length === 0, `"${words}" is not in one command`)
    return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], { env })).stdout
  }
}

/** What a command prints: a line a row, with tabs between its cells. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
