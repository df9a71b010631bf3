import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeKey } from '../../api/support/test-keys.ts'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY, payAndRepeat } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { createShell, guideCommand } from './support/guide-command.ts'
import { askedBy, assertEachStepOnce, lookUps } from './support/look-ups.ts'

/* The guides' commands for the Temporal CLI, as a reader pastes them, over workers that ask for signatures and one that does not. */

const SECRET = 'a secret of thirty-two characters'
const BUDGETS = 'budgets'
const APPROVALS = 'write-an-approval-policy'

const directory = temporaryDirectory()

describe('from the Temporal CLI', { concurrency: true }, () => {
  let shell: (command: string) => Promise<string>
  let signed: { environment: Environment; caller: Caller }
  let open: typeof signed
  before(async () => {
    shell = await createShell(directory, SECRET)
    signed = await enter(await startEnvironment({ script, secret: SECRET }), true)
    open = await enter(await startEnvironment({ script }), false)
  })
  after(async () => {
    await signed.environment.close()
    await open.environment.close()
  })

  async function enter(environment: Environment, withKey: boolean): Promise<typeof signed> {
    const key = withKey ? (await makeKey(environment.database)).headers : {}
    return { environment, caller: createCaller(environment.service.url, key) }
  }

  /** What a guide's commands have of the reader's own. */
  const placeOf = ({ environment }: typeof signed, workflowId: string) => ({
    '127.0.0.1:7233': environment.temporal.address,
    'support/default/ticket-4711': workflowId,
  })

  /** A run that waits for its budget. */
  async function startShort({ caller }: typeof signed, ticket: string) {
    const input = `6 steps of 1, ${ticket}`
    const budget = { max_cost_micro_usd: 78_000, on_reached: 'pause' }
    const headers = { 'idempotency-key': ticket }
    const { body, status, text } = await caller.start({ agent: 'research', input, budget }, headers)
    assert.equal(status, 202, text)
    await caller.until(body.id, 'budget.reached')
    return { id: body.id, input, workflowId: `research/default/${ticket}` }
  }

  /** A run that waits for an approval. */
  async function startAsking({ environment, caller }: typeof signed, input: string) {
    const { runId, workflowId } = await environment.startPlan(clerkPlan(), input)
    return { id: runId, workflowId, approval: await caller.untilWaiting(runId) }
  }

  async function assertToppedUp(
    { environment, caller }: typeof signed,
    { id, input }: { id: string; input: string },
  ) {
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.budget?.limits.max_cost_micro_usd], ['completed', 578_000])
    assertEachStepOnce(askedBy(environment.provider, input))
    const changes = (await caller.events(id)).filter(({ type }) => type === 'budget.changed')
    assert.deepEqual(
      changes.map(({ data }) => data['by']),
      ['ann'],
    )
  }

  test('a signed change of its budget lets a run go on; one that is not signed does not count', async () => {
    const run = await startShort(signed, 'ticket-signed')
    const place = placeOf(signed, run.workflowId)
    await shell(guideCommand(BUDGETS, '\'{"by":"ann","add"', place))
    await shell(guideCommand(BUDGETS, 'sign -- --run', { ...place, run_01m7yq8q2gdbbqgm1n66bx74er: run.id }))
    await assertToppedUp(signed, run)
  })

  test('with HOLDFAST_AUTH=none a change of the budget needs no signature', async () => {
    const run = await startShort(open, 'ticket-open')
    await shell(guideCommand(BUDGETS, '\'{"by":"ann","add"', placeOf(open, run.workflowId)))
    await assertToppedUp(open, run)
  })

  test('one run is stopped by hand, and let go on', async () => {
    const { caller, environment } = signed
    const asking = await startAsking(signed, 'by hand')
    const throwIt = guideCommand(BUDGETS, '--name kill-switch', placeOf(signed, asking.workflowId))
    await shell(throwIt)
    assert.equal((await caller.decide(asking.approval, { decision: 'approve' })).status, 200)
    const { scope, limit } = await caller.until(asking.id, 'budget.reached')
    assert.deepEqual([scope, limit], ['agent', 'kill_switch'])
    assert.deepEqual(await paymentsOf(environment.database, asking.id), [])
    await shell(throwIt.replace('"on":true', '"on":false'))
    assert.equal((await caller.untilEnd(asking.id)).status, 'completed')
    assert.equal((await paymentsOf(environment.database, asking.id)).length, 1)
  })

  test('a signed decision counts; one that is not signed does not', async () => {
    const { caller, environment } = signed
    const { id, workflowId, approval } = await startAsking(signed, 'signed')
    const place = { ...placeOf(signed, workflowId), 'b95fd59b…': approval.arguments_sha256 }
    await shell(guideCommand(APPROVALS, '\'{"approvalId"', { ...place, 'apr_…': approval.id }))
    await caller.until(id, 'approval.refused')
    const its = { apr_01m7yq8q2gdbbqgm1n66bx74er_3_0_0: approval.id }
    await shell(guideCommand(APPROVALS, 'sign -- --approval', { ...place, ...its }))
    assert.equal((await caller.untilEnd(id)).status, 'completed')
    const { status, votes } = await caller.approval(approval.id)
    assert.deepEqual([status, votes.map(({ by }) => by)], ['approved', ['ann']])
    const payments = await paymentsOf(environment.database, id)
    assert.deepEqual(
      payments.map(({ cents }) => cents),
      [PAY.arguments.cents],
    )
  })

  test('with HOLDFAST_AUTH=none a decision needs no signature', async () => {
    const { caller } = open
    const { id, workflowId, approval } = await startAsking(open, 'open')
    const place = { ...placeOf(open, workflowId), 'b95fd59b…': approval.arguments_sha256 }
    await shell(guideCommand(APPROVALS, '\'{"approvalId"', { ...place, 'apr_…': approval.id }))
    assert.equal((await caller.untilEnd(id)).status, 'completed')
    assert.equal((await caller.approval(approval.id)).status, 'approved')
  })

  test('the policy of a run under way is tightened', async () => {
    const { caller, environment } = signed
    const { id, workflowId, approval } = await startAsking(signed, 'tightened')
    const place = { ...placeOf(signed, workflowId), issue_refund: 'pay' }
    await shell(guideCommand(APPROVALS, '--name tighten-policy', place))
    const run = await caller.untilEnd(id)
    assert.match(run.output ?? '', /tool_denied|tool_rejected/)
    assert.equal((await caller.approval(approval.id)).status, 'rejected')
    assert.deepEqual(await paymentsOf(environment.database, id), [])
  })
})

const steps = lookUps()
const script: typeof steps = (request) =>
  /^\d/.test(firstWords(request.messages)) ? steps(request) : payAndRepeat(request)
