import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createActivities } from '../../../src/activities/index.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import { ToolError } from '../../../src/app/define/tool-error.ts'
import type { Tool } from '../../../src/app/tool.ts'
import type { ApprovalDecision } from '../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { CallLookUp, LookUpCallInput } from '../../../src/contracts/tools/look-up.ts'
import type { PlannedTool } from '../../../src/contracts/tools/tool.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { decisionSha256 } from '../../../src/security/decision-sha256.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import {
  approvalRequest,
  assistantMessage,
  decisionOf,
  modelCall,
  samplePlan,
  startRun,
  storeAnswer,
} from '../../store/support/samples.ts'
import { awayStore } from '../../support/away-store.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const ORDER: PlannedTool = {
  name: 'order',
  effect: 'irreversible',
  idempotency: 'key',
  execution: 'activity',
  timeoutMs: 1_000,
  attempts: 3,
  approval: {
    rules: [{ name: 'above-1500', when: { fact: 'eur', above: 1_500 }, verdict: 'ask' }],
    otherwise: 'allow',
  },
  facts: true,
  approvers: true,
}
const ARGUMENTS: JsonObject = { order: 0 }
const SHA256 = canonicalSha256(ARGUMENTS)
const FACTS: JsonObject = { eur: 2_000, text: 'not for rules' }

/** A call that a model has asked for, of a tool that looks this up; over a store that may go away. */
async function settingOf(handlers: Pick<Tool, 'facts' | 'approvers'> = {}, signs = () => true) {
  const plan: RunPlan = { ...samplePlan, tools: [ORDER] }
  const run = await startRun(store.database, { plan })
  const message = assistantMessage('', [ORDER.name])
  const { toolCalls, ...decision } = decisionOf(message)
  const calls = toolCalls.map((call) => ({ ...call, argumentsSha256: SHA256 }))
  const verdicts = [{ verdict: 'deny', terms: 'standard' }] as const
  await storeAnswer(
    store.database,
    modelCall(run, { message, verdicts, decision: { ...decision, toolCalls: calls } }),
  )
  const away = awayStore(store.database)
  const looked = { facts: 0, approvers: 0 }
  const order = testTool(ORDER.name, {
    facts: async (...given) => {
      looked.facts += 1
      return handlers.facts?.(...given) ?? FACTS
    },
    approvers: async (...given) => {
      looked.approvers += 1
      return handlers.approvers?.(...given) ?? { principals: ['meg'] }
    },
  })
  const { lookUpCall, requestApproval, runTool } = createActivities({
    telemetry: NO_TELEMETRY,
    database: away.database,
    logger: testLogger,
    prices: createPriceBook(PRICE_OVERRIDES),
    app: testApp({ tool: (name) => (name === order.name ? order : null) }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => assert.fail('no model is asked'),
    admits: signs,
  })
  const { workflowId } = acceptedAs(run, plan)
  const workflowExecution = { workflowId, runId: 'execution-1' }
  const play = <I, O>(work: (input: I) => Promise<O>, input: I, attempt: number): Promise<O> =>
    new MockActivityEnvironment({ attempt, workflowExecution }, { logger: new DefaultLogger('ERROR') }).run(
      work,
      input,
    )
  const { approvalId, ...request } = approvalRequest(run, 0, {
    tool: ORDER.name,
    argumentsSha256: SHA256,
    terms: samplePlan.approvalTerms.standard,
  })
  return {
    away,
    looked,
    /** One attempt of the activity, by its number. */
    lookUp: (attempt = 1, more: Partial<LookUpCallInput> = {}): Promise<CallLookUp> =>
      play(lookUpCall, { run, step: 1, index: 0, ...more }, attempt),
    ask: () => play(requestApproval, { ...request, approvalId }, 1),
    call: () => {
      const { name, effect, idempotency } = ORDER
      const tool = { name, effect, idempotency }
      const input = { run, step: 1, index: 0, seq: 2, callId: 'call_0', tool, again: 0 }
      return play(runTool, { ...input, arguments: ARGUMENTS, argumentsSha256: SHA256 }, 1)
    },
    edit: (args: JsonObject, change: Partial<ApprovalDecision> = {}): ApprovalDecision => ({
      approvalId,
      decision: 'edit',
      argumentsSha256: decisionSha256(ARGUMENTS, FACTS),
      arguments: args,
      editedSha256: canonicalSha256(args),
      by: 'meg',
      ...change,
    }),
  }
}

const failsWith = (code: string) => (error: unknown) =>
  error instanceof ApplicationFailure && error.type === code

test('nobody is asked and nothing is called before it is known what there is to know', async () => {
  const { ask, call, lookUp } = await settingOf()
  await assert.rejects(ask(), failsWith('call_not_authorised'))
  await assert.rejects(call(), failsWith('call_not_authorised'))
  assert.deepEqual(await lookUp(), {
    found: {
      // What no rule looks at stays out of history.
      facts: { eur: 2_000 },
      decisionSha256: decisionSha256(ARGUMENTS, FACTS),
      approvers: { principals: ['meg'], groups: [] },
    },
  })
  await assert.rejects(call(), failsWith('call_not_authorised'))
  await ask()
})

test('whom to ask is asked of the tool only where somebody is to be asked', async () => {
  const { looked, lookUp } = await settingOf({ facts: async () => ({ eur: 10 }) })
  const first = await lookUp()
  assert.ok('found' in first && first.found.approvers === undefined)
  assert.deepEqual(looked, { facts: 1, approvers: 0 })
  // A stricter rule has come in meanwhile.
  const again = await lookUp(1, { ask: true })
  assert.ok('found' in again)
  assert.deepEqual(again.found.approvers, { principals: ['meg'], groups: [] })
  assert.deepEqual(looked, { facts: 1, approvers: 1 })
})

test('an attempt that died after its facts were stored leaves them to the next', async () => {
  const { looked, lookUp } = await settingOf({
    approvers: async () => {
      if (looked.approvers === 1) throw new Error('dies here')
      return { groups: ['managers'] }
    },
  })
  await assert.rejects(lookUp(1), failsWith('tool_failed'))
  const second = await lookUp(2)
  assert.ok('found' in second)
  assert.deepEqual(looked, { facts: 1, approvers: 2 })
})

test('the tool has the tries of its row, and the model reads once that they are used up', async () => {
  const { looked, lookUp } = await settingOf({
    facts: async () => {
      throw new Error('down')
    },
  })
  await assert.rejects(lookUp(1), failsWith('tool_failed'))
  await assert.rejects(lookUp(2), failsWith('tool_failed'))
  assert.deepEqual(await lookUp(3), { failed: 'tool_look_up_failed' })
  // The answer of that attempt was lost.
  assert.deepEqual(await lookUp(4), { failed: 'tool_look_up_failed' })
  assert.equal(looked.facts, 3)
})

test('an outage of the store uses up no tries', async () => {
  const { away, looked, lookUp } = await settingOf({
    facts: async (_args, { db }) => {
      if (looked.facts <= 5) away.goAway(({ text }) => text === 'select 1 as one')
      else away.back()
      await db.query({ text: 'select 1 as one' })
      return FACTS
    },
  })
  for (let attempt = 1; attempt <= 5; attempt += 1)
    await assert.rejects(lookUp(attempt), failsWith('store_unavailable'))
  assert.ok('found' in (await lookUp(6)))
})

test('a plain no is final, and a tool that gives no names asks nobody', async () => {
  const no = await settingOf({
    facts: async () => {
      throw new ToolError('No such thing.')
    },
  })
  assert.deepEqual(await no.lookUp(), { failed: 'tool_refused' })
  assert.deepEqual(await no.lookUp(2), { failed: 'tool_refused' })
  assert.equal(no.looked.facts, 1)
  for (const wrong of [
    { principals: [undefined] },
    { principals: [''] },
    { people: ['meg'] },
    null,
    ['meg'],
  ]) {
    const { lookUp } = await settingOf({ approvers: async () => wrong as never })
    await assert.rejects(lookUp(), failsWith('tool_failed'), JSON.stringify(wrong))
  }
})

test('an edit is looked up only for whom the API has signed, and only where the tool takes it', async () => {
  const forged = await settingOf({}, () => false)
  assert.deepEqual(await forged.lookUp(1, { decision: forged.edit({ order: 1 }) }), {
    failed: 'decision_unsigned',
  })
  assert.deepEqual(forged.looked, { facts: 0, approvers: 0 })

  const { edit, looked, lookUp } = await settingOf({ facts: async (args) => ({ eur: args['order'] ?? 0 }) })
  const other = edit({ order: 1 }, { editedSha256: '0'.repeat(64) })
  assert.deepEqual(await lookUp(1, { decision: other }), { failed: 'edited_arguments_invalid' })
  assert.deepEqual(looked, { facts: 0, approvers: 0 })
  const found = await lookUp(1, { decision: edit({ order: 1 }) })
  // Whoever edits has to be among those who would be asked.
  assert.deepEqual(found, {
    found: {
      facts: { eur: 1 },
      decisionSha256: decisionSha256({ order: 1 }, { eur: 1 }),
      approvers: { principals: ['meg'], groups: [] },
    },
  })
})
