import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import { createKey } from '../../../src/api/access/create-key.ts'
import { newKeyText } from '../../../src/api/access/keys/key-text.ts'
import { problem } from '../../../src/api/http/problems/problem.schema.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { HOSTILE_REQUESTS } from '../support/hostile-requests.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get } from '../support/post.ts'
import { sendRaw } from '../support/raw-http.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const { client, starts } = recordingTemporal()
const log: string[] = []
let store: TestDatabase
let api: TestApi
let key: string
let run: string

before(async () => {
  store = await openPgliteTestDatabase()
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(line) })
  api = await startApi(store.database, client, 'test', { auth: 'keys', logger })
  const wishes = { tenant: 'default', groups: [], expiresAt: null }
  const scopes = ['runs:read', 'runs:write'] as const
  key = (await createKey(store.database, { ...wishes, principal: 'ann', scopes })).text
  run = (await acceptTestRun(store.database, { principal: 'ann' })).id
})
after(async () => {
  await api.close()
  await store.close()
})

describe('hostile requests', () => {
  it('are many, and each has a name of its own', (context) => {
    context.diagnostic(`${HOSTILE_REQUESTS.length} requests`)
    assert.ok(HOSTILE_REQUESTS.length >= 60)
    assert.equal(new Set(HOSTILE_REQUESTS.map(({ name }) => name)).size, HOSTILE_REQUESTS.length)
  })

  for (const { name, bytes, answer: promised } of HOSTILE_REQUESTS) {
    it(`${name}: ${promised}`, async () => {
      const filledIn = bytes.replaceAll('{key}', key).replaceAll('{run}', run)
      const { status, headers, body } = await sendRaw(api.port, Buffer.from(filledIn, 'latin1'))
      if (typeof promised === 'number') assert.equal(status, promised, body)
      else {
        const said = problem.parse(JSON.parse(body))
        assert.deepEqual([said.code, said.status], [promised, status], body)
        assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
      }
      assert.equal(headers.get('set-cookie'), null)
      assert.match(headers.get('x-request-id') ?? '', /^req_[0-9a-z]{26}$/)
      // What follows on the connection is no request of its own: there is one answer.
      assert.ok(!/HTTP\/1\.1 \d/.test(body), body)
      assert.equal(starts.length, 0)
    })
  }

  it('are told of a key that could reach a prototype, and apart from that of what is no JSON', async () => {
    const answerTo = async (body: string) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const answer = await fetch(`${api.url}/v1/runs`, { method: 'POST', headers, body })
      const { code, detail } = problem.parse(await answer.json())
      return [code, detail]
    }
    for (const poisoned of ['{"metadata":{"__proto__":{}}}', '{"constructor":{"prototype":1}}']) {
      const [code = '', detail = ''] = await answerTo(poisoned)
      assert.equal(code, 'invalid_json')
      assert.match(detail, /"__proto__".*"constructor".*"prototype"/)
    }
    assert.deepEqual(await answerTo('{"__proto__":{}'), ['invalid_json', 'The body is not valid JSON.'])
    assert.deepEqual(await answerTo(' null\n'), ['invalid_request', 'The body is not valid.'])
  })

  it('leave lines in the log that are each one of ours', () => {
    assert.ok(log.length > 0)
    for (const line of log) {
      assert.match(line, /^[^\p{Cc}]+\n$/u)
      assert.equal(typeof JSON.parse(line), 'object')
    }
    assert.ok(!log.some((line) => line.includes(key)), 'a line has the key')
  })
})

describe('guessing a key', () => {
  it('is answered alike, whether or not the id is one of a key', async () => {
    const expired = { tenant: 'default', principal: 'x', groups: [], scopes: ['admin'] as const }
    const guesses = [
      newKeyText(key.slice(3, 15)).text,
      newKeyText().text,
      `${key.slice(0, -6)}000000`,
      (await createKey(store.database, { ...expired, expiresAt: '2020-01-01T00:00:00.000Z' })).text,
    ]
    const answers = await Promise.all(
      guesses.map(async (guess) => {
        const { status, text, headers } = await get(`${api.url}/v1/runs`, {
          authorization: `Bearer ${guess}`,
        })
        return [status, text.replace(/req_\w+/, ''), headers.get('www-authenticate')]
      }),
    )
    assert.equal(answers[0]?.[0], 401)
    for (const answer of answers) assert.deepEqual(answer, answers[0])
  })

  it('takes the same time wherever a secret differs: the store finds the id alone, and hashes are compared whole', () => {
    const statements = readFileSync('src/store/access/api-keys.ts', 'utf8')
    const conditions = [...statements.matchAll(/\bwhere\b.*/gi)].map(([where]) => where)
    assert.ok(conditions.length >= 3)
    for (const where of conditions) assert.doesNotMatch(where, /secret_sha256\s*(=|in|is not distinct)/i)
    const comparison = readFileSync('src/api/access/keys/key-secret.ts', 'utf8')
    assert.match(comparison, /timingSafeEqual\(Buffer\.from\(a\), Buffer\.from\(b\)\)/)
    assert.doesNotMatch(comparison, /[sS]ha256 ===|shown ===|secret ===/)
  })
})
