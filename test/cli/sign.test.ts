import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { childEnvironment } from '../../src/config/config.ts'
import type { ApprovalDecision } from '../../src/contracts/approvals/approval.ts'
import type { BudgetChange } from '../../src/contracts/budgets/budget.ts'
import { verifyBudgetChange } from '../../src/security/budget-change-signature.ts'
import { verifyDecision } from '../../src/security/decision-signature.ts'

const SECRET = 'a secret of thirty-two characters'
const RUN = '01m7yq8q2gdbbqgm1n66bx74er'

async function sign(...args: string[]): Promise<string> {
  const env = { ...childEnvironment(), HOLDFAST_SECRET: SECRET }
  return (await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'sign', ...args], { env })).stdout
}

test('the operator can sign a decision for a signal: one line, for this run and nobody else', async () => {
  const words = [
    '--approval',
    `apr_${RUN}_2_0_0`,
    '--sha256',
    'f'.repeat(64),
    '--by',
    'ann',
    '--group',
    'finance',
  ]
  const line = await sign(...words, '--decision', 'edit', '--arguments', '{"b":1,"a":"two"}')
  assert.equal(line.trim().split('\n').length, 1)
  const decision = JSON.parse(line) as ApprovalDecision
  assert.deepEqual(
    [decision.by, decision.groups, decision.arguments],
    ['ann', ['finance'], { a: 'two', b: 1 }],
  )
  assert.ok(verifyDecision(SECRET, `run_${RUN}`, decision))
  assert.ok(!verifyDecision(SECRET, `run_${RUN.replace('r', 's')}`, decision))
  assert.ok(!verifyDecision(SECRET, `run_${RUN}`, { ...decision, by: 'bob' }))
  assert.ok(!verifyDecision(SECRET.replace('a', 'b'), `run_${RUN}`, decision))
})

test("a decision about a sub-agent's call is signed for the sub-agent's run", async () => {
  const words = ['--sha256', 'f'.repeat(64), '--by', 'ann', '--decision', 'approve']
  const line = await sign('--approval', `apr_${RUN}_2_0_1_3_0`, ...words)
  const decision = JSON.parse(line) as ApprovalDecision
  assert.ok(verifyDecision(SECRET, `run_${RUN}_2_0`, decision))
  assert.ok(!verifyDecision(SECRET, `run_${RUN}`, decision))
  await assert.rejects(sign('--approval', `apr_${RUN}_2_0`, ...words), {
    code: 2,
    stderr: /is not the id of an approval/,
  })
})

test('what is no decision is not signed', async () => {
  await assert.rejects(sign('--approval', 'apr_x', '--decision', 'approve'), {
    code: 2,
    stderr: /That is not a decision/,
  })
})

test("the operator can sign a change of a run's budget, and each is another one", async () => {
  const words = ['--run', `run_${RUN}`, '--by', 'ann', '--add-cost-micro-usd', '500000', '--max-steps', '60']
  const change = JSON.parse(await sign(...words)) as BudgetChange
  const { id, signature: _, ...said } = change
  assert.deepEqual(said, { by: 'ann', limits: { maxSteps: 60 }, add: { maxCostMicroUsd: 500_000 } })
  assert.ok(verifyBudgetChange(SECRET, `run_${RUN}`, change))
  assert.ok(!verifyBudgetChange(SECRET, `run_${RUN.replace('r', 's')}`, change))
  assert.ok(!verifyBudgetChange(SECRET, `run_${RUN}`, { ...change, add: { maxCostMicroUsd: 5_000_000 } }))
  assert.notEqual((JSON.parse(await sign(...words)) as BudgetChange).id, id)
})

test('what is no change of a budget is not signed', async () => {
  const refused = /That is not a change of a budget/
  await assert.rejects(sign('--run', `run_${RUN}`, '--by', 'ann'), refused)
  await assert.rejects(sign('--run', `run_${RUN}`, '--add-tokens', '5'), refused)
  await assert.rejects(sign('--run', `run_${RUN}`, '--by', 'ann', '--add-tokens', 'many'), refused)
  await assert.rejects(sign('--run', 'x', '--by', 'ann', '--add-tokens', '5'), refused)
})
