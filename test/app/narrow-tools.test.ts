import assert from 'node:assert/strict'
import { test } from 'node:test'
import { narrowTools, stricter } from '../../src/app/plan/narrow-tools.ts'
import { applyPolicy } from '../../src/contracts/approvals/approval-policy.ts'
import type { ApprovalRule, PlannedTool, Verdict } from '../../src/contracts/tools/tool.ts'

const LOOK: PlannedTool = {
  name: 'look',
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  timeoutMs: 1_000,
  attempts: 3,
  approval: { rules: [], otherwise: 'allow' },
}
const PAY: PlannedTool = { ...LOOK, name: 'pay', effect: 'irreversible', execution: 'activity' }

test('a sub-agent has of its own tools those that its parent’s team has, and no others', () => {
  assert.deepEqual(narrowTools([LOOK, PAY], [LOOK]), [LOOK])
  assert.deepEqual(narrowTools([LOOK], [PAY]), [])
  assert.deepEqual(narrowTools([LOOK], [LOOK, PAY]), [LOOK])
})

test('a sub-agent starts nobody and hands to nobody, even where its parent does', () => {
  const starts: PlannedTool = { ...LOOK, name: 'ask', execution: 'child', to: 'research' }
  const hands: PlannedTool = { ...LOOK, name: 'hand_back', execution: 'handoff', to: 'support' }
  assert.deepEqual(narrowTools([starts, hands, LOOK], [starts, hands, LOOK]), [LOOK])
})

test('a tool that anybody of the team must ask for is asked for by the sub-agent too', () => {
  const asks: PlannedTool = { ...LOOK, approval: { rules: [], otherwise: 'ask' } }
  const [first] = narrowTools([LOOK], [LOOK, asks])
  assert.equal(first?.approval.otherwise, 'ask')
})

test('of two policies the stricter verdict counts, whatever their rules and whatever the call', () => {
  const verdicts = ['allow', 'ask', 'deny'] as const satisfies readonly Verdict[]
  const policies = verdicts.flatMap((otherwise) => [
    { rules: [], otherwise },
    ...verdicts.flatMap((verdict) => [10, 20].map((above) => ({ rules: [rule(verdict, above)], otherwise }))),
  ])
  for (const one of policies) {
    for (const other of policies) {
      const both = stricter(one, other)
      for (const amount of [5, 15, 25]) {
        const [first, second, got] = [one, other, both].map((approval) =>
          verdicts.indexOf(applyPolicy({ name: 'pay', approval }, { arguments: { amount } }, []).verdict),
        )
        assert.ok(
          got !== undefined && got >= Math.max(first ?? 0, second ?? 0),
          JSON.stringify({ one, other, both, amount }),
        )
      }
    }
  }
  for (const policy of policies) assert.equal(stricter(policy, policy), policy)
})

function rule(verdict: Verdict, above: number): ApprovalRule {
  return { name: `${verdict}-above-${above}`, when: { argument: 'amount', above }, verdict }
}
