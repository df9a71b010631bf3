import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import type { ListeningProcess } from '../../support/holdfast-process.ts'
import { ACCOUNT, openAccount } from '../chaos/support/pay-desk/books.ts'
import { payAndRepeat } from '../chaos/support/pay-desk/scripts.ts'
import { type Deployment, openDeployment } from '../deploys/support/deployment.ts'
import { createCaller } from '../runs/support/caller.ts'
import { measureRound, type Round, summaryOf } from './support/measure-round.ts'
import type { Offered } from './support/offer.ts'

/*
 * One API, on Postgres and Temporal, is offered three times what it can do. What it answers in time must not fall, and decisions and cancels
 * must all get through. Workers are away meanwhile, so that the API alone is measured. What it can do is measured anew before each overload, in
 * the same way and as long, since a machine's capacity changes. `npm run prove` takes longer rounds, wants the full share, and asks for lists as well.
 */

const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 2)
const ROUNDS = Number(process.env['OVERLOAD_ROUNDS'] ?? 2)
/** Beside other tests a machine's capacity changes within a round: what is held then is that the API does not collapse. */
const LEAST_SHARE = Number(process.env['OVERLOAD_SHARE'] ?? 0.5)
/** A list costs a few times what its generator's request does, which a shared machine can't tell apart. */
const WITH_LISTS = process.env['OVERLOAD_SHARE'] !== undefined
/** Decisions and cancels a second, as people send them. */
const HANDS_PER_SECOND = 2
const WAITING = SECONDS * HANDS_PER_SECOND

let deployment: Deployment
let api: ListeningProcess
let approvals: ApprovalResource[]

before(async () => {
  deployment = await openDeployment(payAndRepeat)
  api = await deployment.startApi()
  const database = openPostgres({ url: deployment.databaseUrl, logger: pino({ level: 'silent' }) })
  await openAccount(database, ACCOUNT, 'local')
  await database.close()
  const worker = await deployment.startWorker()
  const caller = createCaller(api.url)
  approvals = []
  // One round's at a time: more at once would be an overload of their own.
  for (let round = 0; round < ROUNDS; round += 1) {
    const starts = Array.from({ length: 2 * WAITING }, () =>
      caller.start({ agent: 'clerk', input: 'A payment, please.' }),
    )
    const runs = await Promise.all(starts)
    approvals.push(...(await Promise.all(runs.map(({ body }) => caller.untilWaiting(body.id)))))
  }
  await worker.terminate()
})
after(() => deployment.close())

const STARTS = {
  kind: 'start',
  method: 'POST',
  paths: ['/v1/runs'],
  body: { agent: 'assistant', input: 'Hello.' },
} as const
const LISTS = { kind: 'list', method: 'GET', paths: ['/v1/runs?limit=100'] } as const

for (const load of WITH_LISTS ? [LISTS, STARTS] : [STARTS]) {
  test(`at three times its capacity an API answers as many requests (${load.kind}) in time as at its peak`, async (t) => {
    const rounds: Round[] = []
    // In the first one code is compiled.
    await measureRound(api, load, { seconds: SECONDS, hands: [] })
    for (let round = 0; round < ROUNDS; round += 1) {
      const hands = load === STARTS ? handsOf(approvals.slice(2 * WAITING * round)) : []
      rounds.push(await measureRound(api, load, { seconds: SECONDS, hands }))
    }
    const summary = summaryOf(rounds)
    t.diagnostic(JSON.stringify({ load: load.kind, ...summary, rounds }))
    assert.ok(summary.share >= LEAST_SHARE, String(summary.share))
    for (const { load: outcome, hands } of rounds) {
      assert.deepEqual(outcome.failures, [])
      for (const [kind, { sent, through }] of Object.entries(hands))
        assert.deepEqual({ kind, sent, through }, { kind, sent: WAITING, through: WAITING })
    }
  })
}

/** What people do in a round: half of its runs that wait are decided, the others are cancelled. */
function handsOf(waiting: readonly ApprovalResource[]): Offered[] {
  const [decided, cancelled] = [waiting.slice(0, WAITING), waiting.slice(WAITING, 2 * WAITING)]
  const sha256 = waiting[0]?.arguments_sha256
  const hands = { pace: { perSecond: HANDS_PER_SECOND }, method: 'POST', once: true } as const
  return [
    {
      ...hands,
      kind: 'decide',
      paths: decided.map(({ id }) => `/v1/approvals/${id}/decision`),
      body: { decision: 'approve', arguments_sha256: sha256 },
    },
    {
      ...hands,
      kind: 'cancel',
      paths: cancelled.map(({ run_id }) => `/v1/runs/${run_id}/cancel`),
      body: {},
    },
  ]
}
