import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import { toWorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import type { PlannedTool } from '../../src/contracts/tools/tool.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import { agent, plan, thinking, tool } from './small-plan.ts'

const DEMANDING: Partial<PlannedTool> = {
  requires: { scopes: ['tools:refunds'], groups: ['finance', 'managers'] },
}
const ENTITLED = { groups: ['finance'], scopes: ['tools:refunds'] } as const

test('a call that the caller may not have made is refused, and no other activity is begun for it', () => {
  const kinds: Partial<PlannedTool>[] = [
    {},
    { effect: 'irreversible', approval: { rules: [], otherwise: 'ask' } },
    { facts: true, approvers: true, approval: { rules: [], otherwise: 'ask' } },
    { approval: { rules: [], otherwise: 'deny' } },
    { execution: 'local' },
    { execution: 'handoff', to: 'billing' },
    { execution: 'child', to: 'research' },
  ]
  for (const kind of kinds)
    for (const caller of [
      { groups: [], scopes: [] },
      { ...ENTITLED, scopes: [] },
      { ...ENTITLED, groups: ['staff'] },
    ])
      assert.deepEqual(refusals(afterCall({ ...DEMANDING, ...kind }, { caller })), ['tool_not_allowed'])
})

test('a caller who has what is demanded has the call made, asked about or looked up as ever', () => {
  const commandsOf = (kind: Partial<PlannedTool>) =>
    afterCall({ ...DEMANDING, ...kind }, { caller: ENTITLED }).map(({ type }) => type)
  assert.deepEqual(commandsOf({}), ['run_tool'])
  assert.deepEqual(commandsOf({ approval: { rules: [], otherwise: 'ask' } }), ['request_approval'])
  assert.deepEqual(commandsOf({ facts: true }), ['look_up_call'])
  assert.deepEqual(commandsOf({ execution: 'child', to: 'research' }), ['run_child'])
})

test('a plan of an earlier release demands nothing', () => {
  assert.deepEqual(
    afterCall({}, {}).map(({ type }) => type),
    ['run_tool'],
  )
})

test('a specialist’s tool is held to the same caller', () => {
  const specialists = { billing: agent('billing', { tools: [tool('pay', DEMANDING)] }) }
  const commands = afterCall(
    { execution: 'activity' },
    { specialists, caller: { groups: [], scopes: [] } },
    'pay',
  )
  assert.deepEqual(refusals(commands), ['tool_not_allowed'])
})

/** What a run begins after its model has made this one call. */
function afterCall(
  kind: Partial<PlannedTool>,
  change: Partial<RunPlan>,
  called = 'look',
): readonly Command[] {
  const of = toWorkflowPlan(
    plan({
      tools: [tool('look', kind)],
      specialists: { billing: agent('billing') },
      subAgents: { research: plan() },
      ...change,
    }),
  )
  const decision = {
    stop: 'tool_calls' as const,
    toolCalls: [{ index: 0, callId: 'c', tool: called, arguments: {}, argumentsSha256: 'x' }],
    usage: { inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
    costMicroUsd: 0,
    servedBy: 'dear',
    preview: '',
  }
  const [ask] = decide(of, thinking(of))
  assert.ok(ask)
  const asked = apply(of, thinking(of), { type: 'issued', command: ask }, 0)
  return decide(of, apply(of, asked, { type: 'model_answered', decision }, 1))
}

function refusals(commands: readonly Command[]) {
  return commands.flatMap((command) =>
    command.type === 'note_results' ? command.input.notes.map(({ code }) => code) : [command.type],
  )
}
