import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { overPglite } from '../../../src/store/database/pglite.ts'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'

test('a line about a statement that failed has no value that Postgres quotes', async (t) => {
  const database = overPglite(await PGlite.create())
  t.after(() => database.close())
  const statement = { text: 'select $1::json', values: ['{"text": heron}'] }
  const error = await database.query(statement).catch((error: unknown) => error)
  assert.match(JSON.stringify(error), /heron/, 'it quotes')
  const shown = JSON.stringify(createRedactor().redactValue({ err: error }))
  assert.doesNotMatch(shown, /heron/)
  assert.match(shown, /22P02/)
  assert.match(shown, /invalid input syntax for type json/)
})
