import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { GRANTS } from '../../../src/contracts/access/api-key.ts'
import { newWebhookSecret } from '../../../src/security/webhooks/webhook-signature.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { OPERATIONS, resolve, type Schema } from '../support/openapi/operations.ts'
import { fillIn, makeTarget } from '../support/openapi/real-ids.ts'
import { standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { send } from '../support/post.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/*
 * Every place of the API where a caller names a URL, which the service then calls. Each has to go through the guard of webhooks
 * (`requireUrl`), and is tried here with addresses that nobody outside may reach.
 */

const started = (url: string) => ({
  agent: 'assistant',
  input: 'Hello',
  webhook: { url, secret: newWebhookSecret() },
})
const TIMING = { type: 'interval', every_ms: 3_600_000 }

/** A body for each place, by operation and pointer. A new place belongs here. */
const PLACES: Readonly<Record<string, (url: string) => object>> = {
  'createWebhook /url': (url) => ({ url, events: ['run.completed'] }),
  'changeWebhook /url': (url) => ({ url }),
  'startRun /webhook/url': started,
  'startTurn /webhook/url': started,
  'createSchedule /run/webhook/url': (url) => ({ timing: TIMING, run: started(url) }),
  'changeSchedule /run/webhook/url': (url) => ({ run: started(url) }),
}

const REFUSED = [
  'http://hooks.example.com/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://0.0.0.0/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://metadata.google.internal/',
  'https://postgres/',
  'https://printer.local/',
  'https://user:password@hooks.example.com/',
  'https://hooks.example.com@127.0.0.1/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:5432/',
  'javascript:alert(1)',
  'https://１２７.０.０.１/',
  'https://ⓛocalhost/',
  '//hooks.example.com/',
  'not a url',
]

interface Refused {
  readonly code: string
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string }[]
}

/** Pointers to texts of a schema that are URLs, by their format or by how they are called. */
function urlsIn(given: Schema, pointer = ''): string[] {
  const schema = resolve(given)
  const isUrl = schema['type'] === 'string' && /^uri|url/.test(String(schema['format'] ?? ''))
  const branches = [...((schema['anyOf'] as Schema[]) ?? []), ...((schema['oneOf'] as Schema[]) ?? [])]
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const at = `${pointer}/${name}`
    const isNamedSo = /url|uri|href|callback|endpoint/i.test(name) && typeof member === 'object'
    return [...(isNamedSo ? [at] : []), ...urlsIn(member, at)]
  })
  const items = schema['items'] === undefined ? [] : urlsIn(schema['items'] as Schema, `${pointer}/-`)
  return [
    ...(isUrl ? [pointer] : []),
    ...branches.flatMap((branch) => urlsIn(branch, pointer)),
    ...members,
    ...items,
  ]
}

let store: TestDatabase
let api: TestApi
let headers: Record<string, string>
const owner = { tenant: 'default', principal: 'ann' }

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, standInTemporal().client, 'test', { auth: 'keys', secret: 'urls' })
  headers = (await makeKey(store.database, { ...owner, scopes: GRANTS })).headers
})
after(async () => {
  await api.close()
  await store.close()
})

describe('URLs that callers name', () => {
  it('are those of the list here: add a new one to PLACES, and have it go through requireUrl', () => {
    const found = OPERATIONS.flatMap(({ id, body, parameters }) => [
      ...(body === null ? [] : urlsIn(body.schema).map((pointer) => `${id} ${pointer}`)),
      ...parameters.flatMap(({ name, schema }) =>
        urlsIn({ properties: { [name]: schema } }).map((at) => `${id} ${at}`),
      ),
    ])
    assert.deepEqual([...new Set(found)].toSorted(), Object.keys(PLACES).toSorted())
  })

  for (const [place, bodyWith] of Object.entries(PLACES)) {
    it(`${place} leads to nobody inside`, async () => {
      const [id, pointer] = place.split(' ')
      const operation = OPERATIONS.find((one) => one.id === id)
      if (operation === undefined || operation.method === 'GET')
        throw new Error(`There is no operation ${id}.`)
      const { method } = operation
      const url = api.url + fillIn(operation, await makeTarget(operation, store.database, owner))
      for (const bad of REFUSED) {
        const answer = await send<Refused>(method, url, bodyWith(bad), headers)
        const { code, detail, errors } = answer.body
        assert.match(detail, /HOLDFAST_WEBHOOK_HOSTS/)
        assert.deepEqual(
          [answer.status, code, errors?.[0]?.pointer],
          [422, 'webhook_url_refused', pointer],
          bad,
        )
      }
      assert.ok((await send(method, url, bodyWith('https://hooks.example.com/in'), headers)).status < 300)
    })
  }
})
