import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { covers, GRANTS, type Grant } from '../../../src/contracts/access/api-key.ts'
import { suspendTenant } from '../../../src/store/tenants/tenants.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { type Answer, mistakesOf } from '../support/openapi/check-answer.ts'
import { inject } from '../support/openapi/inject.ts'
import {
  type ApiOperation,
  DOCUMENT,
  isForOperators,
  OPERATIONS,
  type Parameter,
} from '../support/openapi/operations.ts'
import {
  fillIn,
  leadsToAnId,
  makeBody,
  makeEverything,
  makeTarget,
  missingMakers,
  type Owner,
} from '../support/openapi/real-ids.ts'
import { standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import {
  type CredentialKind,
  keyCredentials,
  makeBrowserTokens,
  remembered,
  startTokenIssuer,
  type TokenIssuer,
} from './support/matrix-credentials.ts'
import { type RecordedWrites, recordWrites } from './support/recorded-writes.ts'

const AMBER: Owner = { tenant: 'amber-tenant', principal: 'ann-of-amber' }
const BASALT: Owner = { tenant: 'basalt-tenant', principal: 'ben-of-basalt' }
/** Suspended, with everything that it has. */
const COBALT: Owner = { tenant: 'cobalt-tenant', principal: 'cem-of-cobalt' }
const EVERYTHING: readonly Grant[] = GRANTS
const NO_LIMITS = { requestsPerMinute: null, startsPerMinute: null, concurrentRuns: null, streams: null }
const SECRET = 'a secret of at least 32 characters.'

interface Refusal {
  readonly status: number
  readonly code: string
  /** Whether another credential is asked for, by `www-authenticate`. */
  readonly challenged: boolean
}
const UNAUTHENTICATED: Refusal = { status: 401, code: 'unauthenticated', challenged: true }
const FORBIDDEN: Refusal = { status: 403, code: 'forbidden', challenged: true }
const NOT_FOUND: Refusal = { status: 404, code: 'not_found', challenged: false }
/** Another credential of the same caller's would not help. */
const BARRED: Refusal = { ...FORBIDDEN, challenged: false }
const SUSPENDED: Refusal = { ...BARRED, code: 'tenant_suspended' }
/** What a suspended tenant may still do. */
const TAKING_AWAY: readonly string[] = ['cancelRun', 'revokeKey']

/** What a caller shows, and how it is refused; null: it is let in. */
interface Column {
  readonly name: string
  /** Whose things the cells are about, where it is not Amber. */
  readonly about?: Owner
  /** Several where the column has a cell for each scope. */
  readonly shown: (kind: CredentialKind, operation: ApiOperation) => Promise<readonly (string | null)[]>
  readonly refusal: (operation: ApiOperation, kind: CredentialKind) => Refusal | null
}

const wrongGrants = ({ scopes }: ApiOperation) =>
  GRANTS.filter((grant) => !scopes.some((scope) => covers([grant], scope)))

/** Refused to tokens, whatever they cover: a schedule starts runs later, with a key. */
const TAKES_A_KEY = ['createSchedule', 'resumeSchedule']
const unlessItTakesAKey = ({ id }: ApiOperation, { name }: CredentialKind): Refusal | null =>
  name === 'a token' && TAKES_A_KEY.includes(id) ? BARRED : null

/* Another kind of caller is one entry more. */
const COLUMNS: readonly Column[] = [
  { name: 'nothing', shown: async () => [null], refusal: () => UNAUTHENTICATED },
  {
    name: 'a malformed one',
    shown: async (kind) => [await kind.malformed(AMBER)],
    refusal: () => UNAUTHENTICATED,
  },
  {
    name: 'an expired one',
    shown: async (kind) => [await kind.expired(AMBER)],
    refusal: () => UNAUTHENTICATED,
  },
  {
    name: 'a revoked one',
    shown: async (kind) => [await kind.revoked(AMBER)],
    refusal: () => UNAUTHENTICATED,
  },
  {
    name: 'one without the scope',
    shown: (kind, operation) =>
      Promise.all(
        [[], ...wrongGrants(operation).map((grant) => [grant])].map((grants) => kind.good(AMBER, grants)),
      ),
    refusal: () => FORBIDDEN,
  },
  {
    name: 'one of another tenant',
    shown: async (kind) => [await kind.good(BASALT, EVERYTHING)],
    refusal: (operation, kind) => (leadsToAnId(operation) ? NOT_FOUND : unlessItTakesAKey(operation, kind)),
  },
  {
    name: 'one of a suspended tenant',
    about: COBALT,
    shown: async (kind) => [await kind.good(COBALT, EVERYTHING)],
    refusal: (operation) =>
      operation.method === 'GET' || isForOperators(operation) || TAKING_AWAY.includes(operation.id)
        ? null
        : SUSPENDED,
  },
  {
    name: 'a browser token of other things of the same person',
    shown: async ({ name }) => (name === 'a key' ? browserTokens : []),
    refusal: ({ browserTokens: open }) => (open === null ? BARRED : NOT_FOUND),
  },
  {
    name: 'one with the scope',
    shown: (kind, { scopes }) => Promise.all(scopes.map((scope) => kind.good(AMBER, [scope]))),
    refusal: unlessItTakesAKey,
  },
]

let store: TestDatabase
let server: FastifyInstance
let issuer: TokenIssuer
let writes: RecordedWrites
let idsOfAmber: readonly string[]
/** Of a run and of a thread of Amber's that no cell is about. */
let browserTokens: readonly string[]
let kinds: readonly CredentialKind[]
let cells = 0

before(async () => {
  store = await openPgliteTestDatabase()
  // The API reads as it starts who is suspended.
  await makeEverything(store.database, COBALT)
  await suspendTenant(store.database.everyTenant, { tenant: COBALT.tenant, by: 'ola', reason: null })
  issuer = await startTokenIssuer()
  server = buildApi(store.database, standInTemporal().client, 'test', {
    auth: 'keys',
    secret: SECRET,
    tokens: issuer.config,
    // What a limit counts is written behind the requests.
    limits: () => ({ caller: NO_LIMITS, tenant: NO_LIMITS }),
  })
  browserTokens = await makeBrowserTokens(store.database, SECRET, AMBER)
  kinds = [remembered(keyCredentials(store.database)), remembered(issuer.credentials)]
  await server.ready()
  idsOfAmber = await makeEverything(store.database, AMBER)
  writes = await recordWrites(store.database)
})
after(async () => {
  await server.close()
  await issuer.close()
  await store.close()
})

/** What a request is about. */
interface Target {
  /** With its query. */
  readonly path: string
  readonly body: object | null
}

/** Makes something of the owner's for the operation to be about. */
async function targetOf(operation: ApiOperation, owner: Owner): Promise<Target> {
  const valueFor = ({ name, schema }: Parameter) =>
    name === 'principal' ? owner.principal : (schema['enum'] as string[] | undefined)?.[0]
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required === true)
    .map((parameter) => `${parameter.name}=${valueFor(parameter)}`)
  const values = await makeTarget(operation, store.database, owner)
  return {
    path: [fillIn(operation, values), ...query].join('?'),
    body: operation.body && (await makeBody(operation, store.database, owner)),
  }
}

/** The operation as the document says it is called. */
function call(
  { method }: Pick<ApiOperation, 'method'> | { readonly method: 'HEAD' },
  { path, body }: Target,
  credential: string | null,
) {
  return inject(server, {
    method,
    target: path,
    headers: credential === null ? {} : { authorization: `Bearer ${credential}` },
    ...(body !== null && { body: JSON.stringify(body) }),
  })
}

/** A problem repeats the path that it is about, and that alone. */
const textOf = ({ text }: Answer) => text.replace(/"instance":"[^"]*"/, '')

async function assertNothingOfAmber(answer: Answer, what: string): Promise<void> {
  const told = [AMBER.tenant, AMBER.principal, ...idsOfAmber].filter((word) => textOf(answer).includes(word))
  assert.deepEqual(told, [], `${what}: the answer tells ${told.join(', ')}`)
  const written = (await writes.take()).filter((row) =>
    [AMBER.tenant, ...idsOfAmber].some((word) => row.includes(word)),
  )
  assert.deepEqual(written, [], `${what}: rows of Amber were written`)
}

async function assertRefused(answer: Answer, refusal: Refusal, what: string): Promise<void> {
  assert.equal(answer.status, refusal.status, `${what}: ${answer.text}`)
  assert.equal((JSON.parse(answer.text) as { code: string }).code, refusal.code, what)
  assert.equal('www-authenticate' in answer.headers, refusal.challenged, what)
  assert.deepEqual(await writes.take(), [], `${what}: something was written`)
}

async function checkCell(
  operation: ApiOperation,
  { kind, column, untouched }: { kind: CredentialKind; column: Column; untouched: Target },
  credential: string | null,
): Promise<void> {
  cells += 1
  const what = `${operation.id} with ${column.name} (${kind.name})`
  const refusal = operation.scopes.length === 0 ? null : column.refusal(operation, kind)
  // What is refused leaves its target for the next cell.
  const target = refusal === null ? await targetOf(operation, column.about ?? AMBER) : untouched
  // The target and the credential are no writes of the request.
  await writes.take()
  const answer = await call(operation, target, credential)
  assert.deepEqual(mistakesOf(operation, answer), [], what)
  if (refusal === null) {
    assert.ok(![401, 403].includes(answer.status) && answer.status < 500, `${what}: ${answer.text}`)
    if (column.name === 'one of another tenant') {
      if (!isForOperators(operation)) await assertNothingOfAmber(answer, what)
    } else assert.notEqual(answer.status, 404, `${what}: ${answer.text}`)
    return
  }
  await assertRefused(answer, refusal, what)
  await assertNothingOfAmber(answer, what)
  if ('head' in (DOCUMENT.paths[operation.path] ?? {})) {
    const { status } = await call({ method: 'HEAD' }, target, credential)
    assert.equal(status, refusal.status, `HEAD: ${what}`)
  }
}

describe('who may do what', () => {
  it('every operation has something to be tried on', () => {
    assert.deepEqual(missingMakers(), [])
  })

  for (const operation of OPERATIONS) {
    it(`${operation.id}: ${operation.scopes.join(' or ') || 'everybody'}`, async () => {
      const untouched = await targetOf(operation, AMBER)
      for (const kind of kinds) {
        for (const column of COLUMNS) {
          for (const credential of await column.shown(kind, operation)) {
            await checkCell(operation, { kind, column, untouched }, credential)
          }
        }
      }
    })
  }

  it('the whole matrix was looked at', (context) => {
    context.diagnostic(`${cells} cells of ${OPERATIONS.length} operations`)
    assert.ok(cells > OPERATIONS.length * COLUMNS.length * 2)
  })
})
