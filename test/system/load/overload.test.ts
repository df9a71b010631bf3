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
import { goodput, type Offered } from './support/offer.ts'
import { sendOffer } from './support/send-offer.ts'

/*
 * One API, on Postgres and Temporal, is offered three times what it can do. What it answers in time must not fall, and decisions and cancels
 * must all get through. Workers are away meanwhile, so that the API alone is measured. `npm run prove` takes longer rounds, wants the
 * full share, and asks for lists as well.
 */

const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 2)
/** Beside other tests a machine's capacity changes from one round to the next: what is held then is that the API does not collapse. */
const LEAST_SHARE = Number(process.env['OVERLOAD_SHARE'] ?? 0.1)
/** A list costs little more than the load generator's request, which a shared machine can't tell apart. */
const WITH_LISTS = process.env['OVERLOAD_SHARE'] !== undefined
const TIMES = 3
/** Requests at a time, by which the peak is found. The first round is also the one in which code is compiled. */
const AT_ONCE = [10, 30, 60]
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
  const runs = await Promise.all(
    Array.from({ length: 2 * WAITING }, () => caller.start({ agent: 'clerk', input: 'A payment, please.' })),
  )
  approvals = await Promise.all(runs.map(({ body }) => caller.untilWaiting(body.id)))
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
  test(`at ${TIMES} times its capacity an API answers as many requests (${load.kind}) in time as at its peak`, async (t) => {
    const peaks: number[] = []
    for (const atOnce of AT_ONCE) {
      const pace = { atOnce }
      const outcomes = await sendOffer({ url: api.url, seconds: SECONDS, offered: [{ ...load, pace }] })
      peaks.push(goodput(outcomes[load.kind], SECONDS))
    }
    const peak = Math.max(...peaks)

    const hands = load === STARTS ? handsOf(approvals) : []
    const pace = { perSecond: TIMES * peak }
    const outcomes = await sendOffer({
      url: api.url,
      seconds: SECONDS,
      offered: [{ ...load, pace }, ...hands],
    })
    const outcome = outcomes[load.kind]
    const share = goodput(outcome, SECONDS) / peak
    t.diagnostic(
      JSON.stringify({
        load: load.kind,
        [`peaks at ${AT_ONCE.join(', ')} at once`]: peaks.map(Math.round),
        share: Math.round(share * 100) / 100,
        outcomes,
      }),
    )
    assert.ok(share >= LEAST_SHARE, String(share))
    assert.deepEqual(outcome?.failures, [])
    for (const { kind } of hands) {
      const { sent, through } = outcomes[kind] ?? {}
      assert.deepEqual({ kind, sent, through }, { kind, sent: WAITING, through: WAITING })
    }
  })
}

/** What people do meanwhile: half of the runs that wait are decided, the others are cancelled. */
function handsOf(all: readonly ApprovalResource[]): Offered[] {
  const [decided, cancelled] = [all.slice(0, WAITING), all.slice(WAITING)]
  const sha256 = all[0]?.arguments_sha256
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
