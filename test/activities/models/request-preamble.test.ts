import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { KnownModelCall } from '../../../src/activities/models/find-planned-call.ts'
import { createRequestPreambles } from '../../../src/activities/models/request-preamble.ts'
import { promptHash, storePrompts } from '../../../src/store/runs/prompts.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { testApp } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const INPUT: KnownModelCall = {
  run: { runId: 'run_1', tenant: 'default', principal: 'ann' },
  step: 1,
  hop: 0,
  seq: 1,
  agent: 'support',
  prompt: { name: 'support', version: 'v1' },
  model: { provider: 'openai', wire: 'openai-chat', model: 'm', maxOutputTokens: 100 },
  tools: [],
}

/** What a worker whose build carries this one prompt tells a model to be. */
async function systemOf(built: string | null, hash?: string): Promise<string | undefined> {
  const frameOf = createRequestPreambles({
    database: store.database,
    app: testApp({ prompt: () => built }),
    logger: testLogger,
  })
  const prompt = { ...INPUT.prompt, ...(hash !== undefined && { hash }) }
  return (await frameOf({ ...INPUT, prompt }))?.system
}

test('a run keeps the words it was accepted with, whatever the worker that goes on with it was built with', async () => {
  const text = 'The words of the day of acceptance.'
  const hash = promptHash(text)
  assert.equal(await systemOf(null, hash), undefined)
  await storePrompts(store.database, [{ hash, name: 'support', version: 'v1', text }])
  assert.equal(await systemOf(null, hash), text, 'an older build, which lacks the version')
  assert.equal(await systemOf('Edited under the same version.', hash), text)
  assert.equal(await systemOf(text, hash), text)
})

test('a run that was accepted before hashes has the words of the build', async () => {
  assert.equal(await systemOf('Of the build.'), 'Of the build.')
  assert.equal(await systemOf(null), undefined)
})
