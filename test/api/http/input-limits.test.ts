import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { HTTP, REQUEST_LIMITS } from '../../../src/policies/api.ts'
import { KEY_LIMITS } from '../../../src/policies/api-keys.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { playRun } from '../support/play-run.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

/*
 * Limits are in characters that a caller can have: whatever the script, and however the client writes it in JSON.
 */

let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client)
})
after(async () => {
  await api.close()
  await store.close()
})

const most = REQUEST_LIMITS.inputCharacters
/** As Python's `json.dumps` writes what is not ASCII. */
const escaped = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const everyEscaped = (text: string) =>
  text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

async function send(path: string, body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

for (const [script, character] of [
  ['ASCII', 'a'],
  ['Russian', 'ж'],
  ['Japanese', '日'],
  ['emoji', '😀'],
] as const) {
  test(`an input of ${most} characters of ${script} is taken, and one more is not`, async () => {
    const bodyOf = (count: number) => JSON.stringify({ agent: 'assistant', input: character.repeat(count) })
    for (const write of [String, escaped]) {
      assert.equal((await send('/v1/runs', write(bodyOf(most)))).status, 202)
      const tooLong = await send('/v1/runs', write(bodyOf(most + 1)))
      assert.equal(tooLong.status, 400)
      assert.match(tooLong.text, /at most 100000 characters/)
    }
  })
}

test('the largest start that the limits allow fits into a body, with every character escaped', async () => {
  const { metadataEntries, metadataKeyCharacters, metadataValueCharacters, inputMessages } = REQUEST_LIMITS
  const metadata = Array.from({ length: metadataEntries }, (_, i) => {
    const key = everyEscaped('😀'.repeat(metadataKeyCharacters - 1) + String.fromCharCode(97 + i))
    return `"${key}":"${everyEscaped('😀'.repeat(metadataValueCharacters))}"`
  })
  const content = everyEscaped('😀'.repeat(most / inputMessages))
  const messages = Array.from({ length: inputMessages }, () => `{"role":"user","content":"${content}"}`)
  const body = `{"agent":"assistant","input":[${messages.join()}],"metadata":{${metadata.join()}}}`
  const { status, text } = await send('/v1/runs', body)
  assert.equal(status, 202, text)
})

test('the largest message, and the largest decision, fit as well', async () => {
  const run = await playRun(store.database)
  await run.open()
  const message = `{"content":"${everyEscaped('😀'.repeat(most))}"}`
  assert.equal((await send(`/v1/runs/${run.id}/messages`, message)).status, 202)

  const { messageCharacters, commentCharacters } = REQUEST_LIMITS
  const args = everyEscaped('a'.repeat(SIZES.maxArgumentsBytes - '{"a":""}'.length))
  const decision = [
    `{"decision":"edit","arguments_sha256":"${'0'.repeat(64)}","arguments":{"a":"${args}"}`,
    `"comment":"${everyEscaped('😀'.repeat(commentCharacters))}"}`,
  ].join()
  const words = everyEscaped('😀'.repeat(messageCharacters))
  assert.ok(decision.length + words.length < HTTP.bodyBytes.decision)
  const path = `/v1/approvals/apr_${run.id.slice('run_'.length)}_1_0_0/decision`
  // There is no such approval: the body has been taken.
  assert.equal((await send(path, decision)).status, 404)
})

test('a path that takes little takes no large body', async () => {
  const { status } = await send('/v1/keys', JSON.stringify({ principal: 'x'.repeat(HTTP.bodyBytes.usual) }))
  assert.equal(status, 413)
})

test('a key expires in a year that can be written', async () => {
  const key = (expires_at: string) =>
    send('/v1/keys', JSON.stringify({ principal: 'ann', scopes: ['runs:read'], expires_at }))
  for (const bad of ['0000-01-01T00:00:00Z', '0000-12-31T23:59:59Z', '9999-12-31T23:59:59.9999999Z']) {
    const { status, text } = await key(bad)
    assert.equal(status, 400, bad)
    assert.match(text, /"pointer":"\/expires_at"/)
  }
  for (const good of ['0002-01-01T00:00:00Z', '9998-12-31T23:59:59.9999999Z']) {
    assert.equal((await key(good)).status, 201, good)
  }
})

test('a key is nobody’s who is called as budgets call each', async () => {
  const longest = '*'.repeat(KEY_LIMITS.principalCharacters)
  for (const [principal, expected] of [
    ['*', 400],
    ['**', 201],
    ['*@shop.example', 201],
    ['+', 201],
    [longest, 201],
    [`${longest}*`, 400],
  ] as const) {
    const { status } = await send('/v1/keys', JSON.stringify({ principal, scopes: ['runs:read'] }))
    assert.equal(status, expected, principal)
  }
})

test('NUL in a name of the path is the name of nothing', async () => {
  for (const path of ['/v1/kill-switches/agent/%00', '/v1/budgets/agent/%00/day']) {
    assert.equal((await fetch(api.url + path, { method: 'DELETE' })).status, 404, path)
  }
  assert.equal((await fetch(`${api.url}/v1/agents/%00`)).status, 404)
})
