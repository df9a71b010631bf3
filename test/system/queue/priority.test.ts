import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createRunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { newId } from '../../../src/security/new-id.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import type { Script } from '../../../src/testing/script.ts'
import { longScript } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan, officePlan, officeTool } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from '../runs/support/caller.ts'
import { openBacklog, times } from './support/backlog.ts'

const LOW_RUNS = 60
const SLOTS = 5
/** Tasks that the worker has asked for before it is given the first. */
const MOST_BEFORE = 15

test('a run of high priority overtakes those of low priority that were queued before it', async (t) => {
  const asked: string[] = []
  const backlog = await openBacklog(({ messages }) => {
    asked.push(firstWords(messages))
    return { text: 'Done.' }
  })
  t.after(() => backlog.close())
  const shop = await backlog.tenant('shop')
  const low = await times(LOW_RUNS, () => shop.start({ input: 'low', priority: 5 }))
  const usual = await shop.start({ input: 'usual' })
  const high = await shop.start({ input: 'high', priority: 1 })
  assert.deepEqual([low[0]?.body.priority, usual.body.priority, high.body.priority], [5, 3, 1])
  await backlog.startWorker(SLOTS)
  for (const { body } of [...low, usual, high]) await shop.untilEnd(body.id)

  assert.equal(asked.length, LOW_RUNS + 2)
  const before = { usual: asked.indexOf('usual'), high: asked.indexOf('high') }
  t.diagnostic(`asked before high: ${before.high}, before usual: ${before.usual}`)
  assert.ok(Math.max(before.high, before.usual) < MOST_BEFORE, JSON.stringify(before))
  const listed = await shop.get<{ data: readonly unknown[] }>('/runs?priority=1')
  assert.equal(listed.body.data.length, 1)
})

// Activities are dispatched by what their workflow has: in `fairness.test.ts` they are what waits.
describe('what a run starts has its priority and its tenant', () => {
  const researchHangs = Promise.withResolvers<void>()
  const script: Script = (request) => {
    const words = firstWords(request.messages)
    if (words.startsWith('write')) return longScript(request)
    if (request.tools.includes('research'))
      return { toolCalls: [{ tool: 'research', arguments: { task: 'x' } }] }
    researchHangs.resolve()
    return { fault: 'hang' }
  }
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function start(plan: RunPlan, text: string) {
    const { database, temporal } = environment
    const id = newId('run')
    const { run } = await acceptRun(database, {
      id,
      tenant: 'default',
      principal: 'local',
      groups: [],
      workflowId: `test/default/${id}`,
      agent: plan.agent.name,
      agentVersion: plan.agent.version,
      promptVersion: plan.prompt.version,
      plan,
      idempotencyKey: null,
      requestSha256: '',
      input: [{ role: 'user', text }],
      metadata: {},
      priority: 2,
    })
    await createRunWorkflows(temporal.client, temporal.taskQueue).start(run, [{ role: 'user', text }])
    return run
  }
  const describeWorkflow = async (workflowId: string) =>
    (await environment.temporal.client.workflow.getHandle(workflowId).describe()).raw
  const OF_RUN = [2, 'default']

  test('its sub-agent', async () => {
    const { specialists: _, ...plan } = officePlan('support')
    const run = await start({ ...plan, tools: [officeTool('research')] }, 'look')
    await researchHangs.promise
    const child = await caller.run(`${run.id}_1_0`)
    assert.equal(child.priority, 2)
    const [row] = await environment.database.query<{ workflowId: string }>({
      text: 'select workflow_id as "workflowId" from runs where id = $1',
      values: [child.id],
    })
    const { priority } = (await describeWorkflow(row?.workflowId ?? '')).workflowExecutionInfo ?? {}
    assert.deepEqual([priority?.priorityKey, priority?.fairnessKey], OF_RUN)
    await caller.cancel(run.id)
    await caller.untilEnd(run.id)
  })

  test('its further executions', async () => {
    const plan = clerkPlan()
    const run = await start({ ...plan, limits: { ...plan.limits, historyEvents: 30 } }, 'write 12 10')
    await caller.untilEnd(run.id)
    const { workflowExecutionInfo: last } = await describeWorkflow(run.workflowId)
    assert.notEqual(last?.execution?.runId, last?.firstRunId)
    assert.deepEqual([last?.priority?.priorityKey, last?.priority?.fairnessKey], OF_RUN)
  })
})
