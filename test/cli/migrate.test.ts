import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { childEnvironment } from '../../src/config/config.ts'
import { createEmptyDatabase } from '../support/postgres-database.ts'

const run = promisify(execFile)
const COMMAND = [
  '--conditions=source',
  'src/cli/main.ts',
  'migrate',
  'test/system/chaos/support/pay-desk/app.ts',
]

test('an empty database is brought up to date, says which files it took, and the next time that there are none', async (t) => {
  const { url, drop } = await createEmptyDatabase()
  t.after(drop)
  const migrate = () => run(process.execPath, COMMAND, { env: { ...childEnvironment(), DATABASE_URL: url } })
  const first = await migrate()
  assert.match(first.stdout, /^has run 001\.do\.runs\.sql\n/)
  assert.match(
    first.stdout,
    /\nhas run 001\.do\.pay-desk\.sql\nThe schema has version \d+, and is up to date\.\n$/,
  )
  assert.match((await migrate()).stdout, /^The schema has version \d+, as before\.\n$/)
})

test('a database that is not named is a problem, and the exit code says so', async () => {
  await assert.rejects(run(process.execPath, COMMAND, { env: { ...childEnvironment(), DATABASE_URL: '' } }), {
    code: 1,
    stderr: /DATABASE_URL is not set: a Postgres server/,
  })
})
