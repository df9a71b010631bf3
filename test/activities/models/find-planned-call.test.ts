import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPlannedCall } from '../../../src/activities/models/find-planned-call.ts'
import { Forged } from '../../../src/activities/runs/forged.ts'
import type { ToolScope } from '../../../src/contracts/access/tool-scope.ts'
import type { CallModelInput } from '../../../src/contracts/models/model-call.ts'
import { agent, budget, model, plan, tool } from '../../workflows/small-plan.ts'

const accepted = plan({
  ...agent('triage', { cheaperChain: [model('cheap')] }),
  specialists: { billing: agent('billing', { chain: [model('precise')] }) },
  budget: budget({ onUnknownPrice: 'deny', floorOutputTokens: 10 }),
})
const hopBudget = { limits: {}, floorOutputTokens: 10, onUnknownPrice: 'deny' } as const
const input: CallModelInput = {
  run: { runId: 'run_1', tenant: 'acme', principal: 'ann' },
  step: 1,
  hop: 0,
  seq: 1,
  agent: 'triage',
  budget: hopBudget,
}

test('model, prompt and tools of a call are those that the accepted plan has for its agent and hop', () => {
  const askedBy = (changes: Partial<CallModelInput>) => {
    const { model, prompt, tools } = findPlannedCall(accepted, { ...input, ...changes })
    return [prompt.name, model.model, tools]
  }
  assert.deepEqual(askedBy({}), ['triage', 'dear', ['look']])
  assert.deepEqual(askedBy({ hop: 2 }), ['triage', 'cheap', ['look']])
  assert.deepEqual(askedBy({ agent: 'billing' }), ['billing', 'precise', ['look']])
  assert.deepEqual(askedBy({ wrapUp: true }), ['triage', 'dear', []])
  const others = { prompt: { name: 'x', version: 'v1' }, model: model('x'), tools: ['pay'] }
  assert.deepEqual(askedBy(others), ['triage', 'dear', ['look']], 'whatever the input says')
})

test('a model is not told of a tool that the caller may not have called, and the run is asked about it all the same', () => {
  const tools = [tool('look'), tool('pay', { requires: { scopes: ['tools:pay'] } })]
  const toolsOf = (scopes: readonly ToolScope[], changes: Partial<CallModelInput> = {}) => {
    const found = findPlannedCall(
      { ...accepted, tools, caller: { groups: [], scopes } },
      { ...input, ...changes },
    )
    return [found.tools, found.withheld]
  }
  assert.deepEqual(toolsOf([]), [['look'], ['pay']])
  assert.deepEqual(toolsOf(['tools:pay']), [['look', 'pay'], undefined])
  assert.deepEqual(toolsOf([], { wrapUp: true }), [[], undefined])
})

test('a call that the accepted plan does not have is refused', () => {
  const { budget: _, ...unheld } = input
  for (const other of [
    { ...input, agent: 'another' },
    { ...input, hop: 3 },
    { ...input, budget: { ...hopBudget, onUnknownPrice: 'allow' } as const },
    unheld,
  ]) {
    assert.throws(
      () => findPlannedCall(accepted, other),
      (error) => error instanceof Forged && error.problem === 'other_plan',
    )
  }
})

test('a run that an earlier release accepted says it in the input, whole or not at all', () => {
  const said = { prompt: { name: 'old', version: 'v1' }, model: model('old'), tools: ['look'] }
  assert.deepEqual(findPlannedCall(null, { ...input, ...said }), { ...input, ...said })
  const { tools: _, ...partly } = said
  assert.throws(() => findPlannedCall(null, { ...input, ...partly }), Forged)
})
