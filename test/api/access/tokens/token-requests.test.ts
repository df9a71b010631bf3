import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import { TOKENS } from '../../../../src/policies/tokens.ts'
import { logFacts } from '../../../../src/telemetry/logs/log-facts.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { get, post } from '../../support/post.ts'
import { readStream } from '../../support/read-stream.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'
import {
  claimsWith,
  ISSUER,
  type IssuerKey,
  type JwksServer,
  newIssuerKey,
  signWith,
  startJwksServer,
  tokensConfig,
} from '../support/issuer.ts'

let store: TestDatabase
let jwks: JwksServer
let api: TestApi
let key: IssuerKey
const lines: Record<string, unknown>[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  key = await newIssuerKey('one')
  jwks = await startJwksServer([key])
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    tokens: tokensConfig(jwks.url),
    telemetry: createTelemetry([logFacts(logger)]),
  })
})
after(async () => {
  await api.close()
  await jwks.close()
  await store.close()
})

const bearer = async (claims: Record<string, unknown>) => ({
  authorization: `Bearer ${await signWith(key, claimsWith(claims))}`,
})
const start = (headers: Record<string, string>) =>
  post<RunResource>(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hi' }, headers)

describe('what a token starts', () => {
  it('belongs to its principal and tenant, and names the token', async () => {
    const { body } = await start(await bearer({ scope: 'runs:*', jti: 'token-1' }))
    assert.equal(body.principal, 'ann')
    assert.deepEqual(body.started_by, { type: 'token', issuer: ISSUER, id: 'token-1', principal: 'ann' })
    const seen = async (headers: Record<string, string>) =>
      (await get(`${api.url}/v1/runs/${body.id}`, headers)).status
    assert.equal(await seen(await bearer({})), 200)
    assert.equal(await seen(await bearer({ sub: 'bob' })), 404)
    assert.equal(await seen(await bearer({ tenant: 'other' })), 404)
    const { headers } = await makeKey(store.database, { tenant: 'acme', principal: 'ann' })
    assert.equal(await seen(headers), 200)
  })

  it('names the subject of a token without an id, or whose id is no name', async () => {
    for (const jti of [undefined, '', 'with space', 'x'.repeat(300), 7]) {
      const { body } = await start(await bearer({ scope: 'runs:*', jti }))
      assert.deepEqual(body.started_by, { type: 'token', issuer: ISSUER, id: 'ann', principal: 'ann' })
    }
  })

  it('stands in the log with the token, and with the key where it was one', async () => {
    const { headers, id } = await makeKey(store.database)
    const ofKey = await start(headers)
    const ofToken = await start(await bearer({ scope: 'runs:*', jti: 'token-2' }))
    const [lineOfKey, lineOfToken] = [await lineOf(ofKey.body.id), await lineOf(ofToken.body.id)]
    assert.deepEqual([lineOfKey['keyId'], lineOfKey['tokenId']], [id, undefined])
    assert.deepEqual([lineOfToken['keyId'], lineOfToken['tokenId']], [undefined, 'token-2'])
    assert.equal(lineOfToken['tokenIssuer'], ISSUER)
  })

  /** The line is written once the answer's last byte is sent, which its reader may have before. */
  async function lineOf(runId: string): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = lines.find((line) => line['runId'] === runId && line['route'] === '/v1/runs')
      if (found !== undefined) return found
      await get(`${api.url}/health`)
    }
    throw new Error(`no line of ${runId}`)
  }
})

describe('a request that takes long', () => {
  it('ends when its token does', async () => {
    const { body } = await start(await bearer({ scope: 'runs:*' }))
    const exp = Math.floor(Date.now() / 1_000) - TOKENS.leewaySeconds + 3
    const begun = performance.now()
    const entries = readStream(`${api.url}/v1/runs/${body.id}/events`, await bearer({ exp }))
    const types = []
    for await (const { event } of entries) types.push(event)
    assert.deepEqual(types, ['run.queued'])
    const tookMs = performance.now() - begun
    assert.ok(tookMs > 1_000 && tookMs < 8_000, `${tookMs} ms`)
  })
})
