import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY } from '../../support/office/scripts.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { type PayRun, payPlan, startPayRun, startPayWorker } from './support/pay-run.ts'

let temporal: TemporalEnvironment
let store: TestDatabase
let worker: TestWorker

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  worker = await startPayWorker(temporal, store.database)
})
after(async () => {
  await worker.stop()
  await store.close()
  await temporal.close()
})

const start = (plan: RunPlan) => startPayRun(store.database, temporal, plan)
/** Starts a run and waits until it asks. */
async function startAsking(plan: RunPlan): Promise<PayRun> {
  const run = await start(plan)
  await run.until('approval.requested')
  return run
}
const paidBy = ({ id }: PayRun) => paymentsOf(store.database, id)
/** What the tool gives back for the run's one call. */
const receipt = ({ id }: PayRun, cents: number = PAY.arguments.cents) => ({
  paid: `${id}/1/0`,
  to: PAY.arguments.to,
  cents,
})
const outputOf = (row: RunRow | null) => JSON.parse(row?.output ?? 'null') as unknown
const typesOf = async (run: PayRun) =>
  (await run.events()).map(({ type }) => type).filter((type) => /^(approval|tool)\./.test(type))

test('two of finance have to agree, none of them the requester, and each counts once', async () => {
  const run = await startAsking(
    payPlan({ approvers: ['finance'], quorum: 2, excludeRequester: true, decisions: ['approve', 'reject'] }),
  )
  const approve = { decision: 'approve' } as const
  assert.equal(await run.decide('ann', ['finance'], approve), 'requester_excluded')
  assert.equal(await run.decide('eve', ['support'], approve), 'not_an_approver')
  assert.equal(await run.decide('bob', ['finance'], { ...approve, argumentsSha256: '0' }), 'stale')
  assert.equal(
    await run.decide('bob', ['finance'], { ...approve, signature: 'f'.repeat(64) }),
    'decision_unsigned',
  )
  assert.equal(
    await run.decide('bob', ['finance'], { decision: 'respond', message: 'no' }),
    'decision_not_allowed',
  )

  assert.equal(await run.decide('bob', ['finance'], { ...approve, comment: 'fine' }), 'pending')
  const { status, votes, requester } = await run.approval()
  assert.deepEqual([status, requester], ['pending', 'ann'])
  assert.deepEqual(
    votes.map(({ by, decision, comment }) => [by, decision, comment]),
    [['bob', 'approve', 'fine']],
  )
  assert.equal(await run.decide('bob', ['finance'], approve), 'already_voted')
  assert.deepEqual(await paidBy(run), [])

  assert.equal(await run.decide('cat', ['finance'], approve), 'approved')
  assert.deepEqual(outputOf(await run.result()), receipt(run))
  assert.equal((await run.approval()).votes.length, 2)
  assert.deepEqual(await typesOf(run), [
    'approval.requested',
    // The one without a valid signature. What the run can refuse at sight leaves no trace of an update.
    'approval.refused',
    'approval.voted',
    'approval.decided',
    'tool.started',
    'tool.completed',
  ])
  const ann = { tenant: 'default', principal: 'ann', groups: ['finance'] }
  assert.deepEqual(await paidBy(run), [{ key: `${run.id}/1/0`, times: 1, ...ann, ...PAY.arguments }])
})

test('an edit that does not fit the tool decides nothing; one that does is called, and the model is told', async () => {
  const run = await startAsking(payPlan({}))
  const to = (cents: number) => ({ ...PAY.arguments, cents })
  const edit = (args: ReturnType<typeof to>, editedSha256 = canonicalSha256(args)) =>
    run.decide('bob', [], { decision: 'edit', arguments: args, editedSha256 })
  assert.equal(await edit(to(-1)), 'edited_arguments_invalid')
  assert.equal(await edit(to(100), canonicalSha256(to(1))), 'edited_arguments_invalid')
  assert.equal((await run.approval()).status, 'pending')
  assert.deepEqual((await run.until('approval.refused')).data['code'], 'edited_arguments_invalid')

  assert.equal(await edit(to(100)), 'edited')
  assert.deepEqual(outputOf(await run.result()), {
    ...receipt(run, 100),
    person_changed_arguments: to(100),
  })
  const { arguments: asked, edited } = await run.approval()
  assert.deepEqual([asked, edited?.arguments], [PAY.arguments, to(100)])
  assert.deepEqual(
    (await paidBy(run)).map(({ cents, times }) => [cents, times]),
    [[100, 1]],
  )
})

test('a person answers in the tool’s place, and the tool is not called', async () => {
  const run = await startAsking(payPlan({}))
  assert.equal(await run.decide('bob', [], { decision: 'respond', message: 'Paid by hand.' }), 'responded')
  assert.deepEqual(outputOf(await run.result()), { answered_by_person: 'Paid by hand.' })
  assert.deepEqual(await paidBy(run), [])
})

test('what nobody decides is brought before others, who then may; reminders go out meanwhile', async () => {
  const run = await start(
    payPlan({
      approvers: ['finance'],
      onTimeout: 'escalate',
      escalation: [{ afterMs: 700, to: ['managers'] }],
      remindEveryMs: 300,
    }),
  )
  await run.until('approval.reminded')
  assert.deepEqual((await run.until('approval.escalated')).data['approvers'], ['finance', 'managers'])
  assert.deepEqual((await run.approval()).approvers, ['finance', 'managers'])
  assert.equal(await run.decide('mia', ['managers'], { decision: 'approve' }), 'approved')
  assert.deepEqual(outputOf(await run.result()), receipt(run))
})

test('time answers where nobody does: it rejects, or the run fails, as the terms say', async () => {
  const [rejected, failed] = await Promise.all([
    start(payPlan({ timeoutMs: 300, onTimeout: 'escalate', escalation: [] })),
    start(payPlan({ timeoutMs: 300, onTimeout: 'fail' })),
  ])
  assert.match((await rejected.result())?.output ?? '', /tool_approval_expired/)
  assert.equal((await rejected.approval()).status, 'expired')
  const row = await failed.result()
  const { status, reason, error } = row ?? {}
  assert.deepEqual([status, reason, error], ['failed', 'approval_expired', 'tool_approval_expired'])
  assert.equal((await failed.approval()).status, 'cancelled')
  assert.deepEqual([...(await paidBy(rejected)), ...(await paidBy(failed))], [])
})

test('a signal decides like an update, and one that is refused is on the record', async () => {
  const run = await startAsking(payPlan({ approvers: ['finance'] }))
  await run.signal('eve', [], { decision: 'approve' })
  await run.signal('bob', ['finance'], { decision: 'approve', signature: '' })
  await run.signal('bob', ['finance'], { decision: 'reject', message: 'No.' })
  assert.match((await run.result())?.output ?? '', /"person_says":"No\."/)
  const refused = await store.database.query({
    text: 'select by, code from approval_refusals where run_id = $1 order by by',
    values: [run.id],
  })
  assert.deepEqual(refused, [
    { by: 'bob', code: 'decision_unsigned' },
    { by: 'eve', code: 'not_an_approver' },
  ])
  assert.deepEqual(await paidBy(run), [])
})

test('a run that 0.1.0 began goes on under its old plan, and takes signed decisions only', async () => {
  const { approvalTerms: _, limits, ...rest } = payPlan({})
  const first = { ...rest, format: 1, limits: { ...limits, approvalTimeoutMs: 60_000 } }
  // As the store gives it: nobody has written it anew since.
  const run = await startAsking(JSON.parse(JSON.stringify(first)) as RunPlan)
  const approve = { decision: 'approve' } as const
  assert.equal(await run.decide('bob', [], { ...approve, signature: '' }), 'decision_unsigned')
  assert.equal(await run.decide('bob', [], { decision: 'respond', message: 'no' }), 'decision_not_allowed')
  assert.equal(await run.decide('bob', [], approve), 'approved')
  assert.deepEqual(outputOf(await run.result()), receipt(run))
})

test('the first time asks; once it has succeeded, no more', async () => {
  const fresh = { ...payPlan({}, { firstTime: true }) }
  await store.database.query({ text: `delete from tools_used where tool = 'pay'` })
  const first = await startAsking(fresh)
  assert.equal(await first.decide('bob', [], { decision: 'approve' }), 'approved')
  await first.result()
  const second = await start(fresh)
  assert.deepEqual(outputOf(await second.result()), receipt(second))
  assert.deepEqual(await typesOf(second), ['tool.started', 'tool.completed'])
})
