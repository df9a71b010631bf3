import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import pino from 'pino'
import { createIssuerKeys, type KeyTimes } from '../../../../src/api/access/tokens/issuer-keys.ts'
import { createTokenCallers } from '../../../../src/api/access/tokens/token-callers.ts'
import { Problem } from '../../../../src/api/http/problems/problem.ts'
import { TOKEN_KEYS } from '../../../../src/policies/tokens.ts'
import {
  claimsWith,
  type IssuerKey,
  type JwksServer,
  newIssuerKey,
  publishing,
  signWith,
  startJwksServer,
  tokensConfig,
} from '../support/issuer.ts'

const NONE_KEPT_BACK = { ...TOKEN_KEYS, timeoutMs: 300, cooldownMs: 0, retryAfterMs: 0 }

let one: IssuerKey
let two: IssuerKey
let jwks: JwksServer
let elsewhere: JwksServer

before(async () => {
  one = await newIssuerKey('one')
  two = await newIssuerKey('two')
  elsewhere = await startJwksServer([two])
})
beforeEach(async () => {
  await jwks?.close()
  jwks = await startJwksServer([one])
})
after(async () => {
  await jwks.close()
  await elsewhere.close()
})

/** What becomes of a token of a key: `taken`, `refused`, or how long its sender is told to wait. */
function verifier(times: Partial<Record<keyof KeyTimes, number>> = {}, lines: string[] = []) {
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
  const config = tokensConfig(jwks.url)
  const keys = createIssuerKeys(config.jwksUrl, logger, { ...NONE_KEPT_BACK, ...times })
  const callerOf = createTokenCallers(config, keys, logger)
  return async (key: IssuerKey) => {
    try {
      return (await callerOf(await signWith(key, claimsWith()))) === null ? 'refused' : 'taken'
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return `${error.code}, ${error.headers['retry-after']} s`
    }
  }
}

const AWAY = 'unavailable, 5 s'

const TROUBLES: Record<string, JwksServer['answer']> = {
  'that breaks connections': (request) => request.socket.destroy(),
  'that never answers': () => undefined,
  'that stops in the middle': (_request, response) => response.write('{"keys":'),
  'that has an error': (_request, response) => response.writeHead(500).end('{"keys":[]}'),
  'that answers a page': (_request, response) => response.end('<html></html>'),
  'that answers JSON of another kind': (_request, response) => response.end('["keys"]'),
  'that answers null': (_request, response) => response.end('null'),
  'that redirects': (_request, response) => response.writeHead(302, { location: elsewhere.url }).end(),
  'that answers too much': (_request, response) =>
    response.end(JSON.stringify({ keys: [two.jwk], more: 'x'.repeat(TOKEN_KEYS.mostBytes) })),
}

describe('an issuer', () => {
  for (const [name, answer] of Object.entries(TROUBLES)) {
    it(`${name} stops no token of a known key, and lets one of an unknown key come again`, async () => {
      const ask = verifier()
      assert.equal(await ask(one), 'taken')
      jwks.answer = answer
      assert.deepEqual([await ask(one), await ask(two), await ask(one)], ['taken', AWAY, 'taken'])
      jwks.answer = publishing([one, two])
      assert.deepEqual([await ask(two), await ask(one)], ['taken', 'taken'])
    })

    it(`${name} from the start lets every token come again`, async () => {
      const ask = verifier()
      jwks.answer = answer
      assert.equal(await ask(one), AWAY)
      jwks.answer = publishing([one])
      assert.equal(await ask(one), 'taken')
    })
  }

  it('is not followed to where it redirects', () => {
    assert.equal(elsewhere.asked, 0)
  })

  it('that cannot be reached is told once, and so is its return', async () => {
    const lines: string[] = []
    const ask = verifier({}, lines)
    jwks.answer = (request) => request.socket.destroy()
    for (let at = 0; at < 3; at += 1) await ask(one)
    jwks.answer = publishing([one])
    assert.equal(await ask(one), 'taken')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["the token issuer's keys are away", "the token issuer's keys are back"],
    )
  })

  it('is asked again no sooner than the policies say, however many tokens of made-up keys come', async () => {
    const ask = verifier({ retryAfterMs: 60_000 })
    jwks.answer = (request) => request.socket.destroy()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(two)))
    assert.deepEqual(new Set(answers), new Set([AWAY]))
    assert.equal(jwks.asked, 1)

    jwks.answer = publishing([one])
    const other = verifier({ cooldownMs: 60_000 })
    assert.equal(await other(one), 'taken')
    for (let at = 0; at < 20; at += 1) assert.equal(await other(two), 'refused')
    assert.equal(jwks.asked, 2)
  })

  it('may bring in a key without anybody starting anything anew', async () => {
    const ask = verifier()
    assert.deepEqual([await ask(one), await ask(two)], ['taken', 'refused'])
    jwks.answer = publishing([one, two])
    assert.equal(await ask(two), 'taken')
  })

  it('may take out a key: the next refresh ends it, and nobody waits for that', async () => {
    const ask = verifier({ refreshAfterMs: 0 })
    assert.equal(await ask(one), 'taken')
    jwks.answer = publishing([two])
    const until = performance.now() + 5_000
    while ((await ask(one)) === 'taken') assert.ok(performance.now() < until)
    assert.equal(await ask(two), 'taken')
  })

  it('that stays away is believed only for so long', async () => {
    const ask = verifier({ keptMs: 100 })
    assert.equal(await ask(one), 'taken')
    jwks.answer = (request) => request.socket.destroy()
    const until = performance.now() + 5_000
    while ((await ask(one)) === 'taken') assert.ok(performance.now() < until)
    assert.equal(await ask(one), AWAY)
  })

  it('may have keys without names, as long as one alone fits', async () => {
    const { kid: _, ...unnamed } = one.jwk
    jwks.answer = (_request, response) => response.end(JSON.stringify({ keys: [unnamed] }))
    const ask = verifier()
    assert.equal(await ask({ ...one, jwk: { ...one.jwk, kid: undefined as unknown as string } }), 'taken')
  })
})
