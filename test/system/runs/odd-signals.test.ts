import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clerkPlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'

/** What the Web UI's text box or a slip of the hand may send. */
const ODD: readonly (readonly unknown[])[] = [
  [],
  [null],
  ['text'],
  [7],
  [[]],
  [{}],
  [{ id: null }],
  [{ approvalId: 'apr_none' }],
]

test('signals without rhyme or reason leave a run as it is: it goes on to its end', async (t) => {
  const environment = await startEnvironment({ script: () => ({ text: 'Done.', delayMs: 300 }) })
  t.after(() => environment.close())
  const { workflowId } = await environment.startPlan(clerkPlan(), 'Hello')
  const workflow = environment.temporal.client.workflow.getHandle(workflowId)
  for (const name of ['add-message', 'approval-decision', 'no-such-signal']) {
    for (const args of ODD) await workflow.signal(name, ...args)
  }
  const result = await workflow.result()
  assert.equal(result.status, 'completed')
})

for (const store of ['pglite', 'postgres'] as const) {
  test(`signals whose text no store can keep leave a run as it is, on ${store}`, async (t) => {
    const environment = await startEnvironment({ store, script: () => ({ text: 'Done.', delayMs: 300 }) })
    t.after(() => environment.close())
    const { workflowId } = await environment.startPlan(clerkPlan(), 'Hello')
    const workflow = environment.temporal.client.workflow.getHandle(workflowId)
    for (const odd of ['a\0b', '\0', '\ud800', '\udfff'.repeat(256)]) {
      await workflow.signal('add-message', { id: odd })
      await workflow.signal('tighten-policy', { tool: odd, verdict: 'deny' })
      await workflow.signal('child-waits', { runId: odd, waits: true })
      await workflow.signal('kill-switch', { on: false, scope: 'agent', agent: odd })
      await workflow.signal('budget', { id: odd, by: odd, limits: { maxTokens: 500_000 } })
      await workflow.signal('approval-decision', {
        approvalId: odd,
        decision: 'approve',
        argumentsSha256: odd,
        by: odd,
        message: odd,
        comment: odd,
      })
    }
    const result = await workflow.result()
    assert.equal(result.status, 'completed')
  })
}
