import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { childEnvironment } from '../../src/config.ts'
import type { ApprovalDecision } from '../../src/contracts/approval.ts'
import { verifyDecision } from '../../src/store/decision-signature.ts'

const SECRET = 'a secret of thirty-two characters'
const RUN = '01m7yq8q2gdbbqgm1n66bx74er'

async function sign(...args: string[]): Promise<string> {
  const env = { ...childEnvironment(), HOLDFAST_SECRET: SECRET }
  return (await promisify(execFile)(process.execPath, ['src/dev/sign.ts', ...args], { env })).stdout
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

test('what is no decision is not signed', async () => {
  await assert.rejects(sign('--approval', 'apr_x', '--decision', 'approve'), /That is not a decision/)
})
