import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { GRANTS } from '../../../src/contracts/access/api-key.ts'
import type { LimitSet } from '../../../src/policies/api-limits.ts'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { type Answer, mismatch, mistakesOf } from '../support/openapi/check-answer.ts'
import { inject, toCurl } from '../support/openapi/inject.ts'
import { type ApiOperation, isForOperators, OPERATIONS } from '../support/openapi/operations.ts'
import {
  makeEverything,
  makeRoom,
  makeTarget,
  missingMakers,
  type Owner,
  type PathValues,
} from '../support/openapi/real-ids.ts'
import { type StandInTemporal, standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'
import { type FuzzedRequest, requestsTo, toWire } from './requests.ts'

/*
 * Requests to every operation, made of the schemas of the document. `FUZZ_CASES` says how many to each, `FUZZ_SEED` which ones: the same
 * seed makes the same requests. `FUZZ_ONLY` names operations, where not all are wanted. `npm run prove -- test/api/fuzz/fuzz.test.ts` sends 10,000 to each.
 */
const CASES = Number(process.env['FUZZ_CASES'] ?? 300)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const ONLY = process.env['FUZZ_ONLY']?.split(',')
const FUZZED = OPERATIONS.filter(({ id }) => ONLY?.includes(id) ?? true)
/** Requests that find Temporal away. */
const CASES_AWAY = Math.ceil(CASES / 10)
/** What a path leads to is used up, and made anew after so many requests. */
const FRESH_EVERY = 25

const OWN: Owner = { tenant: 'amber-tenant', principal: 'ann-of-amber' }
const FOREIGN: Owner = { tenant: 'basalt-tenant', principal: 'ben-of-basalt' }

/** Every request counts to a limit, and none reaches it. */
const AMPLE: LimitSet = {
  requestsPerMinute: 1_000_000_000,
  startsPerMinute: 1_000_000_000,
  concurrentRuns: 1_000_000_000,
  streams: 1_000_000_000,
}

const TIMING = /^\/timing\/(cron|time_zone|offset_ms)$/
/** What JSON Schema cannot say, by operation: pointers at which a value that fits is refused all the same. */
const BEYOND_THE_SCHEMA: Readonly<Record<string, RegExp>> = {
  // The characters and files of an input, over its parts.
  startRun: /^\/input$/,
  startTurn: /^\/input$/,
  addRunMessage: /^\/content$/,
  createSchedule: new RegExp(`${TIMING.source}|^/run/input$`),
  changeSchedule: new RegExp(`${TIMING.source}|^/run/input$`),
  putTenant: /^\/time_zone$/,
  getUsage: /^\/to$/,
  // Days of no calendar, and days to come.
  getDailyReport: /^$/,
}

let store: TestDatabase
let server: FastifyInstance
let temporal: StandInTemporal
let credential: string
let known: string[]
let foreign: readonly string[]
const statuses = new Map<number, number>()

before(async () => {
  store = await openPostgresTestDatabase()
  temporal = standInTemporal()
  server = buildApi(store.database, temporal.client, 'test', {
    auth: 'keys',
    secret: 'fuzz',
    limits: () => ({ caller: AMPLE, tenant: AMPLE }),
  })
  await server.ready()
  credential = (await makeKey(store.database, { ...OWN, scopes: GRANTS })).text
  const own = await makeEverything(store.database, OWN)
  foreign = await makeEverything(store.database, FOREIGN)
  known = [...own, ...foreign, '0'.repeat(64)]
})
after(async () => {
  await server.close()
  await store.close()
})

/** What is wrong with an answer, whatever was asked. */
function mistakesIn(operation: ApiOperation, request: FuzzedRequest, answer: Answer): string[] {
  const { body } = request
  const { status, text } = answer
  // A problem repeats the path, and a body may be given back.
  const told = text.replace(/"instance":"[^"]*"/, '')
  const others = isForOperators(operation) ? [] : [FOREIGN.tenant, FOREIGN.principal, ...foreign]
  const leaked = others.filter(
    (word) => told.includes(word) && !body?.text.includes(word) && !request.query.flat().includes(word),
  )
  // No bytes are no body.
  const isTaken = status < 400 && body !== null && body.text !== '' && operation.body !== null
  const misfit = isTaken ? mismatch(operation.body.schema, body.value) : null
  return [
    ...(status >= 500 && !(status === 503 && temporal.away) ? [`status ${status}`] : []),
    ...mistakesOf(operation, answer),
    ...leaked.map((word) => `it tells ${word} of another tenant`),
    ...(misfit === null ? [] : [`a body was taken that the document refuses: ${misfit}`]),
    ...(request.isGood ? refusalMistakes(operation, answer) : []),
  ]
}

/** A request that fits the document is not called invalid, but for what a schema cannot say. */
function refusalMistakes({ id }: ApiOperation, { status, text }: Answer): string[] {
  if (status !== 400) return []
  const { code, errors = [] } = JSON.parse(text) as {
    code: string
    errors?: { pointer: string; detail: string }[]
  }
  // A cursor is what a list gave out, and no other text.
  if (code === 'invalid_cursor') return []
  const allowed = BEYOND_THE_SCHEMA[id]
  const pointers = errors.length === 0 ? [''] : errors.map(({ pointer }) => pointer)
  if (code === 'invalid_request' && pointers.every((pointer) => allowed?.test(pointer))) return []
  return [`a request that fits the document is refused: ${code} ${JSON.stringify(errors)}`]
}

async function fuzz(operation: ApiOperation, cases: number): Promise<void> {
  let sent = 0
  let things: { own: PathValues; foreign: PathValues } | undefined
  const property = fc.asyncProperty(requestsTo(operation, known), async (request) => {
    if (sent % FRESH_EVERY === 0 || things === undefined) {
      await makeRoom(store.database, OWN)
      await makeRoom(store.database, FOREIGN)
      things = {
        own: await makeTarget(operation, store.database, OWN),
        foreign: await makeTarget(operation, store.database, FOREIGN),
      }
    }
    sent += 1
    const wire = toWire(operation, request, things, credential)
    const answer = await inject(server, wire)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    const mistakes = mistakesIn(operation, request, answer)
    if (mistakes.length === 0) return
    throw new Error(
      [
        `FUZZ_SEED=${SEED}: ${operation.id} answers ${answer.status}`,
        ...mistakes,
        toCurl(wire),
        answer.text.slice(0, 2_000),
      ].join('\n'),
    )
  })
  // What came before has changed the store, so that a smaller case would be tried on another one.
  await fc.assert(property, { seed: SEED, numRuns: cases, endOnFailure: true })
}

describe(`${CASES} requests to each operation (FUZZ_SEED=${SEED})`, () => {
  it('every operation has something to be tried on', () => {
    assert.deepEqual(missingMakers(), [])
  })

  for (const operation of FUZZED) {
    // There is little to vary where neither a body nor a parameter is taken.
    const isPlain = operation.body === null && operation.parameters.length === 0
    it(operation.id, () => fuzz(operation, isPlain ? CASES_AWAY : CASES))
  }

  for (const operation of FUZZED) {
    it(`${operation.id} while Temporal is away`, async () => {
      temporal.away = true
      await fuzz(operation, CASES_AWAY).finally(() => {
        temporal.away = false
      })
    })
  }

  it('requests went through, and others were refused', (context) => {
    const counts = [...statuses].toSorted(([one], [other]) => one - other)
    context.diagnostic(counts.map(([status, count]) => `${status}: ${count}`).join(', '))
    const sum = (from: number) =>
      counts.reduce((all, [status, count]) => (status >= from && status < from + 100 ? all + count : all), 0)
    assert.ok(sum(200) > 0 && sum(400) > 0)
  })
})
