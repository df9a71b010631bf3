import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import {
  type App,
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  isToolError,
  subAgent,
  type ToolContext,
  ToolError,
} from '../../src/index.ts'
import { DEFAULT_BUDGET, DEFAULT_DEGRADED_ANSWER, DEFAULT_LIMITS } from '../../src/policies/agent-defaults.ts'
import { MODEL_CHAINS } from '../../src/policies/models/models.ts'

const readInvoice = defineTool({
  name: 'read_invoice',
  description: 'One invoice.',
  input: z.strictObject({ number: z.string(), lines: z.array(z.object({ 'a/b~c': z.int() })).optional() }),
  effect: 'read',
  execute: ({ number }) => ({ number }),
})
const credit = defineTool({
  name: 'credit_invoice',
  description: 'Pays back.',
  input: z.strictObject({ cents: z.int().positive() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: {
    rules: [
      { name: 'above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask', terms: 'finance' },
    ],
  },
  execute: ({ cents }) => cents,
})
const billing = defineAgent({
  name: 'billing',
  version: 'v2',
  purpose: 'Answers questions about invoices.',
  instructions: ({ user }: { user: string }) => `You help ${user}.`,
  tools: [readInvoice, credit, handoff({ to: 'desk', description: 'Back to the desk.' })],
  budget: { limits: { maxCostMicroUsd: 500_000 }, onReached: 'pause' },
  startable: false,
})
const desk = defineAgent({
  name: 'desk',
  version: 'v1',
  instructions: 'You help.',
  tools: [handoff({ to: 'billing' }), subAgent({ to: 'billing', name: 'look_into' })],
})
const app: App = defineApp({
  name: 'invoices',
  agents: [desk, billing],
  approvalTerms: { finance: { approvers: ['finance'], quorum: 2, excludeRequester: true } },
  context: ({ caller, now }) => ({ user: caller.principal, today: now }),
})

const context = { facts: {}, approvedBy: [] } as unknown as ToolContext

test('what an agent and a tool leave out comes from the product’s tables', () => {
  const plan = app.plan('desk')
  assert.deepEqual([plan?.limits, plan?.budget], [DEFAULT_LIMITS, DEFAULT_BUDGET])
  assert.deepEqual([plan?.chain, plan?.degradedAnswer], [MODEL_CHAINS.standard, DEFAULT_DEGRADED_ANSWER])
  assert.deepEqual(plan?.specialists?.['billing']?.tools[0], {
    name: 'read_invoice',
    effect: 'read',
    idempotency: 'none',
    execution: 'activity',
    timeoutMs: 10_000,
    attempts: 6,
    approval: { rules: [], otherwise: 'allow' },
  })
})

test('limits of a budget replace the product’s whole, and what else it says stands beside them', () => {
  const budget = app.plan('desk')?.subAgents?.['billing']?.budget
  assert.deepEqual(budget, { ...DEFAULT_BUDGET, limits: { maxCostMicroUsd: 500_000 }, onReached: 'pause' })
})

test('terms of several people leave out what is one person’s words', () => {
  const terms = app.plan('desk')?.approvalTerms
  assert.deepEqual(terms?.['finance']?.decisions, ['approve', 'reject'])
  assert.deepEqual(terms?.['finance']?.quorum, 2)
  assert.deepEqual(terms?.standard.decisions, ['approve', 'edit', 'reject', 'respond'])
})

test('a tool that leads to an agent is described by that agent’s purpose, where it says nothing itself', () => {
  assert.equal(
    app.tool('handoff_to_billing')?.description,
    'Gives the conversation to billing. Answers questions about invoices. Call it alone, without other calls in the same step.',
  )
  assert.equal(
    app.tool('look_into')?.description,
    'Has billing work on a task and gives its answer. Answers questions about invoices.',
  )
  assert.equal(
    app.tool('handoff_to_desk')?.description,
    'Back to the desk. Call it alone, without other calls in the same step.',
  )
  assert.equal(app.tool('handoff_to_desk')?.execute, undefined)
  for (const name of ['pay', 'constructor', '']) assert.equal(app.tool(name), null)
})

test('a model is told what is wrong with arguments by JSON pointers', () => {
  const tool = app.tool('read_invoice')
  assert.deepEqual(tool?.invalidArguments({ number: 'n' }), [])
  assert.deepEqual(tool?.invalidArguments({ extra: 1, lines: [{ 'a/b~c': 'x' }] }), [
    '/number',
    '/lines/0/a~1b~0c',
    '/extra',
  ])
})

test('what a tool returns is JSON: an object as it is, anything else as a result, nothing as nothing', async () => {
  assert.deepEqual(await app.tool('credit_invoice')?.execute?.({ cents: 5 }, context), { result: 5 })
  assert.deepEqual(await app.tool('read_invoice')?.execute?.({ number: 'n' }, context), { number: 'n' })
  for (const [returned, result] of [
    [undefined, {}],
    [null, { result: null }],
    [['a'], { result: ['a'] }],
    [{ at: new Date(0), gone: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
  ] as const) {
    assert.deepEqual(await returning(returned), result)
  }
  await assert.rejects(async () => returning({ big: 1n }), /What pay returned is not JSON/)
  await assert.rejects(async () => returning(() => 1), /What pay returned is not JSON/)
})

function returning(value: object | null | undefined) {
  const { handlers } = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.strictObject({}),
    effect: 'write',
    execute: () => value,
  })
  return handlers.execute?.({}, context)
}

test('a ToolError of another copy of the package is one as well', () => {
  assert.equal(new ToolError('No.').code, 'tool_refused')
  assert.ok(isToolError(new ToolError('No.', { code: 'tool_not_found' })))
  const foreign = Object.assign(new Error('No.'), { [Symbol.for('holdfast.ToolError')]: true })
  assert.ok(isToolError(foreign))
  for (const other of [new Error('No.'), null, 'No.', {}]) assert.equal(isToolError(other), false)
})

test('a run’s context is JSON, and instructions are made of it', async () => {
  const caller = { tenant: 't', principal: 'Ada', groups: [], scopes: [] }
  const request = { caller, metadata: {}, now: new Date(0) }
  const given = await app.context(request, { env: {}, services: {} })
  assert.deepEqual(given, { user: 'Ada', today: '1970-01-01T00:00:00.000Z' })
  assert.equal(app.instructions('billing', given), 'You help Ada.')
  assert.equal(app.instructions('desk', {}), 'You help.')
  assert.equal(app.instructions('nobody', {}), null)
})

test('a text of an agent’s own goes by the agent’s name and version; one that is made of a context has none', () => {
  assert.deepEqual(app.plan('desk')?.prompt, { name: 'desk', version: 'v1' })
  assert.equal(app.prompt('desk', 'v1'), 'You help.')
  assert.equal(app.prompt('billing', 'v2'), null)
})

test('instructions that give no text for a context are an error that names the agent', () => {
  const silent = defineAgent({ name: 'silent', version: 'v1', instructions: () => ' ' })
  const own = defineApp({ name: 'own', agents: [silent] })
  assert.throws(() => own.instructions('silent', {}), /agent silent are no text/)
})
