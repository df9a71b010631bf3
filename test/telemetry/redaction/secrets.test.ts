import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'
import { isSecretName } from '../../../src/telemetry/redaction/secret-names.ts'

const { redact } = createRedactor()

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----'

const HIDDEN: readonly (readonly [string, string])[] = [
  ['authorization: Bearer abc.def-123456', 'authorization: [secret]'],
  ['sent Bearer abc.def-123456 there', 'sent Bearer [secret] there'],
  ['Incorrect API key provided: sk-proj-abcdefghijklmnop1234.', 'Incorrect API key provided: [secret].'],
  ['sk-ant-api03-abcdefghijkl', '[secret]'],
  ['sk_live_abcdefghijkl', '[secret]'],
  ['hf_abcdefghijkl_0123456789abcdefgh', '[secret]'],
  ['hft_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl', '[secret]'],
  ['hft_eyJhbGciOiJIUzI1NiJ9.eyJzdWIi', '[secret]'],
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '[secret]'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[secret]'],
  ['AKIAIOSFODNN7EXAMPLE', '[secret]'],
  [`token ${JWT} expired`, 'token [secret] expired'],
  [`key ${PEM} end`, 'key [secret] end'],
  ['postgres://ann:hunter2@db:5432/x', 'postgres://ann:[secret]@db:5432/x'],
  ['redis://:hunter2@cache/0', 'redis://:[secret]@cache/0'],
  ['postgres://ann:p@ss:w@rd@db/x', 'postgres://ann:[secret]@db/x'],
  ['https://0123456789abcdef0123456789abcdef@sentry.example/1', 'https://[secret]@sentry.example/1'],
  ['{"user":"ann","password":"hun\\"ter2","n":1}', '{"user":"ann","password":"[secret]","n":1}'],
  [JSON.stringify('{"apiKey": "hunter2"}'), '"{\\"apiKey\\": \\"[secret]\\"}"'],
  [
    JSON.stringify(JSON.stringify({ token: 'h"x\\y' })),
    JSON.stringify(JSON.stringify({ token: '[secret]' })),
  ],
  ['GET /x?api_key=hunter2&page=2', 'GET /x?api_key=[secret]&page=2'],
  ['GET /x?access_token%3Dhunter2 1', 'GET /x?access_token%3D[secret] 1'],
  ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[secret] psql'],
  ['x-api-key: hunter2\nhost: x', 'x-api-key: [secret]\nhost: x'],
  ['set-cookie: sid=hunter2; Path=/\nhost: x', 'set-cookie: [secret]\nhost: x'],
  ['"credentials":{"user":"ann","key":"k"},"n":1', '"credentials":[secret],"n":1'],
]

test('credentials are taken out of a text by their shape and by the name before them', () => {
  for (const [text, shown] of HIDDEN) assert.equal(redact(text), shown)
})

const SHOWN = [
  'inputTokens: 12, max_tokens=500, "outputTokens":3',
  '"token":null,"password":false',
  'HOLDFAST_SECRET is not set: the API signs decisions with it',
  'https://example.org/path?page=2',
  'https://api.openai.com:443/v1/responses',
  `Unexpected token '}', "{"a":}" is not valid JSON`,
  'task-queue-of-the-desk-agents holds sk-short',
  'run_01kb2m4d3s7v9q8x5t6r7w1y0z/3/0',
]

test('what only looks a little like a credential is shown as it is', () => {
  for (const text of SHOWN) assert.equal(redact(text), text)
})

test('names of credentials are known however they are spelled', () => {
  const secret = [
    'apiKey',
    'x-api-key',
    'API_KEY',
    'HOLDFAST_SECRET',
    'Set-Cookie',
    'clientSecret',
    'id_token',
    'DATABASE_URL',
  ]
  const open = [
    'inputTokens',
    'key',
    'keyId',
    'callKey',
    'secretary',
    'tokens',
    'passed',
    'author',
    'apiKeys',
  ]
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  )
  assert.deepEqual(open.filter(isSecretName), [])
})

test('a secret that the process was given is found in every spelling of it', () => {
  const secret = 'correct horse "battery" staple/=+'
  const known = createRedactor([secret, 'short'])
  for (const spelling of [
    secret,
    JSON.stringify({ x: secret }),
    `?x=${encodeURIComponent(secret)}`,
    Buffer.from(secret).toString('base64'),
  ]) {
    const shown = known.redact(`before ${spelling} after`)
    assert.match(shown, /^before .*\[secret\].* after$/)
    assert.doesNotMatch(shown, /horse|battery|staple|Y29ycmVjd/)
  }
  assert.equal(known.redact('a short word'), 'a short word', 'a short value could be part of any word')
})

test('the longer of two secrets that begin alike is hidden whole', () => {
  const { redact } = createRedactor(['abcdefgh', 'abcdefgh-ijkl'])
  assert.equal(redact('x abcdefgh-ijkl y abcdefgh z'), 'x [secret] y [secret] z')
})
