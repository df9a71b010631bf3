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
import { findPeak, goodput } from './support/find-peak.ts'
import type { Offered } from './support/offer.ts'
import { sendOffer } from './support/send-offer.ts'

/*
 * One API, on Postgres and Temporal, is offered three times what it can do. What it answers in time must not fall, and decisions and cancels
 * must all get through. Workers are away meanwhile, so that the API alone is measured. `npm run prove` takes longer rounds, and wants the
 * full share.
 */

const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 2)
/** Rounds of two seconds on a machine that tests share say less. */
const LEAST_SHARE = Number(process.env['OVERLOAD_SHARE'] ?? 0.5)
const TIMES = 3
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

const startsAt = (perSecond: number): Offered => ({
  kind: 'start',
  perSecond,
  method: 'POST',
  paths: ['/v1/runs'],
  body: { agent: 'assistant', input: 'Hello.' },
})
const listsAt = (perSecond: number): Offered => ({
  kind: 'list',
  perSecond,
  method: 'GET',
  paths: ['/v1/runs?limit=20'],
})

for (const [what, offeredAt, beginAt] of [
  ['lists', listsAt, 100],
  ['starts', startsAt, 50],
] as const) {
  test(`at ${TIMES} times its capacity an API answers as many ${what} in time as at its peak`, async (t) => {
    const report = (line: string) => t.diagnostic(line)
    const peak = await findPeak({ url: api.url, seconds: SECONDS, beginAt, offered: offeredAt, report })

    const isLast = what === 'starts'
    const offered = offeredAt(TIMES * peak)
    const outcomes = await sendOffer({
      url: api.url,
      seconds: SECONDS,
      offered: isLast ? [offered, ...handsOf(approvals)] : [offered],
    })
    const outcome = outcomes[offered.kind]
    const share = goodput(outcome, SECONDS) / peak
    report(
      `${what}: peak ${Math.round(peak)} a second; at ${TIMES} times as many ${(share * 100).toFixed(0)} % of it`,
    )
    report(JSON.stringify(outcomes))
    assert.ok(share >= LEAST_SHARE, `${share}`)
    assert.deepEqual(outcome?.failures, [])
    if (!isLast) return
    for (const kind of ['decide', 'cancel'] as const) {
      const hands = outcomes[kind]
      assert.equal(hands?.sent, WAITING, kind)
      assert.equal(hands.through, WAITING, `${kind}: ${JSON.stringify(hands)}`)
    }
  })
}

/** What people do meanwhile: half of the runs that wait are decided, the others are cancelled. */
function handsOf(all: readonly ApprovalResource[]): Offered[] {
  const [decided, cancelled] = [all.slice(0, WAITING), all.slice(WAITING)]
  const sha256 = all[0]?.arguments_sha256
  const hands = { perSecond: HANDS_PER_SECOND, method: 'POST', once: true } as const
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
