import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currentAgent } from '../../src/workflows/state/current-agent.ts'
import { firstHop, nextHop } from '../../src/workflows/state/models/chain.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, model, plan, thinking } from './small-plan.ts'

const CHEAPER = [model('cheap'), model('cheapest')]
const TEAM = plan({
  ...agent('triage', { cheaperChain: CHEAPER }),
  specialists: { billing: agent('billing', { chain: [model('billing')] }) },
  budget: budget({ onReached: 'degrade' }),
})

test('a run belongs to the agent that it started with, until it is handed on, and again when it is handed back', () => {
  assert.equal(currentAgent(TEAM, { speaker: null }).agent.name, 'triage')
  assert.equal(currentAgent(TEAM, { speaker: 'billing' }).agent.name, 'billing')
  assert.equal(currentAgent(TEAM, { speaker: 'triage' }).agent.name, 'triage')
})

test('a step begins with the first model, and with the first cheaper one where the budget wants it cheaper', () => {
  assert.equal(firstHop(TEAM, inMode('usual')), 0)
  assert.equal(firstHop(TEAM, inMode('degraded')), 2)
  assert.equal(firstHop(TEAM, inMode('finishing')), 2)
  assert.equal(firstHop(TEAM, { ...inMode('degraded'), speaker: 'billing' }), 0)
  const finishes = { ...TEAM, budget: budget({ onReached: 'finish' }) }
  assert.equal(firstHop(finishes, inMode('finishing')), 0)
})

test('a failed hop goes on along the chain that it is in', () => {
  assert.equal(nextHop(TEAM, atHop(0)), 1)
  assert.equal(nextHop(TEAM, atHop(1)), null)
  assert.equal(nextHop(TEAM, atHop(2)), 3)
  assert.equal(nextHop(TEAM, atHop(3)), null)
})

function inMode(mode: RunState['budget']['mode']): RunState {
  const state = thinking(TEAM)
  return { ...state, budget: { ...state.budget, mode } }
}

function atHop(hop: number): RunState {
  const state = thinking(TEAM)
  return { ...state, turn: { ...state.turn, hop } }
}
