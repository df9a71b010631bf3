import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaultPayloadConverter } from '@temporalio/common'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* A model that answers in the background, seen from outside: in Temporal, at the provider and in the books. */

let environment: Environment
let caller: Caller
before(async () => {
  environment = await startEnvironment({
    script: ({ messages }) =>
      messages.length === 1 ? { text: 'A long story. '.repeat(500), chunkDelayMs: 200 } : { text: 'Done.' },
  })
  caller = createCaller(environment.service.url)
})
after(() => environment.close())

function inBackground(plan: RunPlan): RunPlan {
  const [first] = plan.chain
  if (first === undefined) throw new Error('The plan has no model.')
  return { ...plan, chain: [{ ...first, background: true }] }
}

/** The details that the Temporal Web UI shows of the activity under way, once there are some. */
async function shownDetails(workflowId: string): Promise<unknown> {
  const workflow = environment.temporal.client.workflow.getHandle(workflowId)
  for (;;) {
    const { raw } = await workflow.describe()
    const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? []
    const details: unknown = payload && defaultPayloadConverter.fromPayload(payload)
    if (details) return details
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('its id is shown in Temporal, and a run that is cancelled stops it at the provider', async () => {
  const { provider, startPlan } = environment
  const { runId, workflowId } = await startPlan(inBackground(clerkPlan()), 'Tell me a story.')
  const details = (await shownDetails(workflowId)) as { provider: string; response: string }
  assert.equal(details.provider, 'openai')

  const stateOf = async () => {
    const answer = await fetch(`${provider.url}/v1/responses/${details.response}`)
    return ((await answer.json()) as { status: string }).status
  }
  assert.equal(await stateOf(), 'in_progress')
  await caller.cancel(runId)
  const { status, usage } = await caller.untilEnd(runId)
  assert.equal(status, 'cancelled')
  assert.equal(await stateOf(), 'cancelled')
  assert.equal(usage.model_calls, 0)
  // The provider does not say what it has used of it: the worst case counts.
  const [used] = await usageBy(environment.database, { tenant: 'default', groupBy: 'agent' })
  assert.deepEqual([used?.attempts, used?.costMicroUsd, (used?.unknownMicroUsd ?? 0) > 0], [1, 0, true])
  assert.equal(provider.requests.length, 1)
})
