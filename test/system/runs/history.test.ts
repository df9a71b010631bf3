import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AgentRunResult, RunId } from '../../../src/contracts/runs/run.ts'
import { longScript } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'
import { bytesOf, executionsOf, historyOf } from './support/history.ts'
import { mean, stepSizes } from './support/step-sizes.ts'

/* Long runs: what a step leaves in Temporal's history does not depend on how much has been said. */

const STEPS = 200
const AT_EACH_END = 50
const MOST_BYTES = 3_072
/** Said in every step, and as much again comes back from the tool that reads. */
const CHARACTERS = 1_200
/** More than one execution takes. `npm run prove` takes 1,000. */
const MANY_STEPS = Number(process.env['HISTORY_STEPS'] ?? 500)

describe('history', { concurrency: true }, () => {
  let environment: Environment
  before(async () => {
    environment = await startEnvironment({ store: 'postgres', script: longScript, keepRequests: 50 })
  })
  after(() => environment.close())

  for (const kind of ['read', 'write'] as const) {
    test(`200 steps that each call a tool to ${kind} leave the same few bytes each, however long the talk`, async (t) => {
      const { temporal, startPlan } = environment
      // One execution, so that every step is in one history.
      const plan = clerkPlan({ maxSteps: STEPS + 1, historyEvents: 50_000, historyBytes: 50_000_000 })
      const { runId, workflowId } = await startPlan(plan, `${kind} ${STEPS} ${CHARACTERS}`)
      const handle = temporal.client.workflow.getHandle(workflowId)
      assert.equal(((await handle.result()) as AgentRunResult).steps, STEPS + 1)

      const sizes = stepSizes(await historyOf(temporal.client, workflowId)).slice(0, STEPS)
      assert.equal(sizes.length, STEPS)
      const first = mean(sizes.slice(0, AT_EACH_END).map(({ bytes }) => bytes))
      const last = mean(sizes.slice(-AT_EACH_END).map(({ bytes }) => bytes))
      const most = Math.max(...sizes.map(({ bytes }) => bytes))
      const said = JSON.stringify(await createCaller(environment.service.url).messages(runId)).length
      t.diagnostic(
        `bytes a step: ${first.toFixed(0)} in the first 50, ${last.toFixed(0)} in the last 50, ${most} at most; ` +
          `the transcript has grown to ${said} bytes`,
      )
      for (const { name, bytes } of sizes.at(-1)?.events ?? []) t.diagnostic(`  ${name}: ${bytes}`)

      assert.ok(Math.abs(last / first - 1) <= 0.05, 'the last steps take as much as the first')
      assert.ok(most <= MOST_BYTES, `a step takes at most ${MOST_BYTES} bytes`)
      assert.ok(said > STEPS * CHARACTERS, 'the conversation has grown')
    })
  }

  test(`${MANY_STEPS} steps go through several executions and come out whole`, async (t) => {
    const { temporal, startPlan, provider } = environment
    const { client } = temporal
    const input = `miss ${MANY_STEPS} 20`
    const { runId, workflowId } = await startPlan(clerkPlan({ maxSteps: MANY_STEPS + 1 }), input)
    const began = performance.now()
    const firstExecution = (await client.workflow.getHandle(workflowId).describe()).runId
    const result = (await client.workflow.getHandle(workflowId).result()) as AgentRunResult
    const tookMs = performance.now() - began
    assert.deepEqual([result.status, result.steps], ['completed', MANY_STEPS + 1])
    assert.deepEqual([result.usage.modelCalls, result.usage.toolCalls], [MANY_STEPS + 1, MANY_STEPS])

    const executions = await executionsOf(client, workflowId, firstExecution)
    for (const execution of executions) {
      const history = await historyOf(client, workflowId, execution)
      const bytes = history.reduce((sum, event) => sum + bytesOf(event), 0)
      t.diagnostic(`${history.length} events, ${bytes} bytes`)
    }
    t.diagnostic(`${executions.length} executions, ${(tookMs / MANY_STEPS).toFixed(0)} ms a step`)
    assert.ok(executions.length > 1, 'it handed over at least once')

    await isWhole(runId)
    const shown = provider.requests.findLast(({ messages }) => firstWords(messages) === input)
    assert.equal(shown?.messages.length, 1 + 2 * MANY_STEPS, 'the model was shown all of it to the end')
  })

  /** Every step's words and its tool's result, each at its place. */
  async function isWhole(runId: RunId): Promise<void> {
    const messages = await createCaller(environment.service.url).messages(runId)
    assert.equal(messages.length, 2 + 2 * MANY_STEPS)
    for (const [seq, message] of messages.entries()) {
      assert.equal(message.seq, seq)
      const step = Math.ceil(seq / 2)
      if (seq % 2 === 0) {
        assert.equal(message.role, seq === 0 ? 'user' : 'tool')
        assert.equal(message.call_id, messages[seq - 1]?.tool_calls?.[0]?.call_id)
      } else if (step <= MANY_STEPS) assert.ok(message.content.startsWith(`Step ${step}. `))
    }
    assert.equal(messages.at(-1)?.content, `All ${MANY_STEPS} steps are taken.`)
  }
})
