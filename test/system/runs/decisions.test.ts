import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import { approvalDecision } from '../../../src/workflows/agent-run.messages.ts'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY, payAndRepeat } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

/* What can become of a call that a person is asked about. The model asks for one payment and repeats what it is told. */

for (const store of ['pglite', 'postgres'] as const) {
  test(`decisions on ${store}`, { concurrency: true }, async (t) => {
    const environment = await startEnvironment({ store, script: payAndRepeat })
    t.after(() => environment.close())
    const { database, temporal, provider } = environment
    const caller = createCaller(environment.service.url)

    async function startWaiting(input: string, limits: Parameters<typeof clerkPlan>[0] = {}) {
      const { runId, workflowId } = await environment.startPlan(clerkPlan(limits), input)
      const approval = await caller.untilWaiting(runId)
      return { runId, approval, workflow: temporal.client.workflow.getHandle(workflowId) }
    }
    const toldOf = (output: string | undefined) => JSON.parse(output ?? '') as Record<string, unknown>
    /** What was paid, each time that it was. */
    const paidIn = async (runId: string) =>
      (await paymentsOf(database, runId)).flatMap(({ cents, times }) => Array<number>(times).fill(cents))

    await Promise.all([
      t.test('a rejected call is not made, the model is told so and why, and the run goes on', async () => {
        const { runId, approval } = await startWaiting('reject')
        const message = 'Ask for a photo first.'
        const { status, body } = await caller.decide(approval, {
          decision: 'reject',
          message,
          comment: 'no photo',
        })
        assert.deepEqual([status, body.status, body.votes[0]?.comment], [200, 'rejected', 'no photo'])

        const run = await caller.untilEnd(runId)
        assert.equal(run.status, 'completed')
        const told = toldOf(run.output)
        assert.deepEqual([told['error'], told['person_says']], ['tool_rejected', message])
        assert.ok(!run.output?.includes('no photo'), 'a comment is for the record only')
        assert.deepEqual(await paidIn(runId), [])
      }),

      t.test('an approval that nobody decides in its time counts as rejected', async () => {
        const { runId, approval } = await startWaiting('expire', { approvalTimeoutMs: 400 })
        const run = await caller.untilEnd(runId)
        assert.deepEqual([run.status, toldOf(run.output)['error']], ['completed', 'tool_approval_expired'])
        assert.deepEqual(await paidIn(runId), [])
        const expired = await caller.approval(approval.id)
        assert.deepEqual([expired.status, expired.votes], ['expired', []])
        assert.ok(expired.decided_at && expired.decided_at >= approval.expires_at)
      }),

      t.test('an approval that comes by Temporal’s own signal counts like one over HTTP', async () => {
        const { runId, approval, workflow } = await startWaiting('signal')
        await workflow.signal(approvalDecision, {
          approvalId: approval.id as `apr_${string}`,
          decision: 'approve',
          argumentsSha256: approval.arguments_sha256,
          by: 'operator',
        })
        const run = await caller.untilEnd(runId)
        assert.equal(run.status, 'completed')
        assert.deepEqual(await paidIn(runId), [PAY.arguments.cents])
        const { status, votes } = await caller.approval(approval.id)
        assert.deepEqual([status, votes[0]?.by], ['approved', 'operator'])
      }),

      t.test('a signal that does not fit what waits is dropped, and the run waits on', async () => {
        const { runId, approval, workflow } = await startWaiting('misfit')
        const decision = { decision: 'approve', by: 'operator' } as const
        const approvalId = approval.id as `apr_${string}`
        await workflow.signal(approvalDecision, { ...decision, approvalId, argumentsSha256: '0'.repeat(64) })
        await workflow.signal(approvalDecision, {
          ...decision,
          approvalId: 'apr_of_another_run',
          argumentsSha256: approval.arguments_sha256,
        })
        assert.equal((await caller.decide(approval, { decision: 'reject' })).status, 200)
        assert.equal((await caller.untilEnd(runId)).status, 'completed')
        assert.deepEqual(await paidIn(runId), [])
      }),

      t.test('a decision counts once: the same again is answered alike, another one is refused', async () => {
        const { runId, approval } = await startWaiting('twice')
        const stale: Pick<ApprovalResource, 'id' | 'arguments_sha256'> = {
          ...approval,
          arguments_sha256: 'f'.repeat(64),
        }
        const other = await caller.decide(stale, { decision: 'approve' })
        assert.deepEqual([other.status, other.body.code], [409, 'stale'])

        const first = await caller.decide(approval, { decision: 'approve' })
        const again = await caller.decide(approval, { decision: 'approve' })
        assert.deepEqual([first.status, again.status, again.text], [200, 200, first.text])
        const late = await caller.decide(approval, { decision: 'reject' })
        assert.deepEqual([late.status, late.body.code], [409, 'already_decided'])

        await caller.untilEnd(runId)
        assert.deepEqual(await paidIn(runId), [PAY.arguments.cents])
      }),

      t.test('what is said while the run waits is shown to the model after the tool’s result', async () => {
        const { runId, approval } = await startWaiting('words')
        const words = ['By the way, it is the blue one.', 'And I have moved.']
        for (const said of words) assert.equal((await caller.say(runId, said)).status, 202)
        await caller.decide(approval, { decision: 'reject' })
        const run = await caller.untilEnd(runId)
        assert.deepEqual(run.output?.split('\n').slice(-2), words)

        const shown = provider.requests.findLast(({ messages }) => firstWords(messages) === 'words')
        assert.deepEqual(
          shown?.messages.map(({ role }) => role),
          ['user', 'assistant', 'tool', 'user', 'user'],
        )
        const transcript = await caller.messages(runId)
        assert.deepEqual(
          transcript.map(({ seq, role }) => `${seq} ${role}`),
          ['0 user', '1 assistant', '2 tool', '3 user', '4 user', '5 assistant'],
        )
      }),
    ])
  })
}
