import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createRecordDecision } from '../../../src/activities/approvals/record-decision.ts'
import { createRequestApproval } from '../../../src/activities/approvals/request-approval.ts'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { createRunTool } from '../../../src/activities/tools/run-tool.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import { callingAgent } from '../../../src/contracts/runs/agents-of-plan.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { PlannedTool } from '../../../src/contracts/tools/tool.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import {
  approvalRequest,
  assistantMessage,
  decisionOf,
  modelCall,
  samplePlan,
  startRun,
  storeAnswer,
  toolMessage,
} from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'

const LOOK: PlannedTool = {
  name: 'look',
  effect: 'read',
  idempotency: 'key',
  execution: 'activity',
  timeoutMs: 1_000,
  attempts: 3,
  approval: { rules: [], otherwise: 'allow' },
}
const HANDOFF: PlannedTool = { ...LOOK, name: 'handoff_to_billing', execution: 'handoff', to: 'billing' }
const { agent: _agent, ...rest } = samplePlan
/** Both agents have the tool. */
const PLAN: RunPlan = {
  ...samplePlan,
  tools: [LOOK, HANDOFF],
  specialists: { billing: { ...rest, agent: { name: 'billing', version: '1' }, tools: [LOOK] } },
}

test('a call is the agent’s that has the run, also where others have its tool', () => {
  assert.equal(callingAgent(PLAN, null), 'support')
  assert.equal(callingAgent(PLAN, 'handoff_to_billing'), 'billing')
  assert.equal(callingAgent(PLAN, 'a handoff that the plan has not'), 'support')
  assert.equal(callingAgent(null, null), 'unknown')
})

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  /** The agents that the facts of a call's attempts name: one that fails, and one that answers. */
  async function agentsOf(run: RunIdentity, step: number, seq: number): Promise<string[]> {
    const agents: string[] = []
    let called = 0
    const runTool = createRunTool({
      telemetry: createTelemetry([
        {
          take: (fact) =>
            void (fact.type === 'tool.attempted' && agents.push(`${fact.outcome}: ${fact.agent}`)),
        },
      ]),
      database,
      logger: testLogger,
      prices: createPriceBook(PRICE_OVERRIDES),
      app: testApp({
        tool: (name) =>
          testTool(name, {
            execute: async () => {
              called += 1
              if (called === 1) throw new Error('not now')
              return {}
            },
          }),
      }),
      outside: NO_OUTSIDE,
      traffic: inSequence([]),
      readers: NO_READERS,
      adapterFor: () => assert.fail('no model is asked'),
      admits: () => assert.fail('nothing is decided'),
    })
    const args = { order: 0 }
    const attempt = (n: number) =>
      new MockActivityEnvironment({ attempt: n }, { logger: new DefaultLogger('ERROR') }).run(
        (input: Parameters<typeof runTool>[0]) => runTool(input, acceptedAs(run, PLAN)),
        {
          ...{ run, step, index: 0, again: 0, seq, callId: 'call_0', arguments: args },
          ...{ tool: LOOK, argumentsSha256: canonicalSha256(args) },
        },
      )
    await assert.rejects(attempt(1))
    await attempt(2)
    return agents
  }

  test('after a handoff the attempts of a tool, and its approvals, are the specialist’s', async () => {
    const run = await startRun(database, { plan: PLAN })
    const answer = async (step: number, seq: number, ...tools: string[]) => {
      const message = assistantMessage('', tools)
      const verdicts = tools.map(() => ({ verdict: 'allow', terms: 'standard' }) as const)
      const decision = decisionOf(message)
      const toolCalls = decision.toolCalls.map((call) => ({
        ...call,
        argumentsSha256: canonicalSha256({ order: call.index }),
      }))
      await storeAnswer(
        database,
        modelCall(run, { step, seq, message, verdicts, decision: { ...decision, toolCalls } }),
      )
    }
    await answer(1, 1, 'look', 'handoff_to_billing')
    const message = { ...toolMessage(1), tool: 'handoff_to_billing' }
    const note = { seq: 3, index: 1, message, code: null, handoff: 'billing', rule: null }
    await noteToolResults(database, { run, step: 1, notes: [note] })
    assert.deepEqual(await agentsOf(run, 1, 2), ['retried: support', 'ok: support'])
    await answer(2, 4, 'look')
    assert.deepEqual(await agentsOf(run, 2, 5), ['retried: billing', 'ok: billing'])

    await answer(3, 6, 'look')
    const approvalId = `apr_${run.runId.slice(4)}_3_0_0` as const
    const argumentsSha256 = canonicalSha256({ order: 0 })
    const request = approvalRequest(run, 0, { approvalId, step: 3, tool: 'look', argumentsSha256 })
    const told: string[] = []
    const telemetry = createTelemetry([
      { take: (fact) => void ('agent' in fact && told.push(`${fact.type}: ${fact.agent}`)) },
    ])
    await createRequestApproval({ database, telemetry })(request, acceptedAs(run, PLAN))
    assert.equal((await findApproval(database, run.tenant, approvalId))?.agent, 'billing')
    await createRecordDecision({ database, telemetry, app: testApp() })(
      {
        run,
        approvalId,
        outcome: { status: 'expired', by: 'policy', at: '2026-11-27T10:00:00.000Z' },
        votes: [],
        stillWaiting: [],
      },
      acceptedAs(run, PLAN),
    )
    assert.deepEqual(told, [
      'approval.requested: billing',
      'run.waits: support',
      'approval.decided: billing',
      'run.goes_on: support',
    ])
  })
})
