import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPolicy } from '../../../src/contracts/approvals/approval-policy.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { Condition } from '../../../src/contracts/tools/tool.ts'

const verdictOn = (when: Condition, facts: JsonObject | null | undefined) =>
  applyPolicy(
    {
      name: 'order',
      approval: { rules: [{ name: 'rule', when, verdict: 'ask' }], otherwise: 'allow' },
    },
    { arguments: { eur: 1, site: 'a.ours' }, ...(facts !== undefined && { facts }) },
    [],
  ).verdict

test('a rule about a fact looks at what was looked up, and not at the arguments', () => {
  const above: Condition = { fact: 'eur', above: 1_500 }
  assert.equal(verdictOn(above, { eur: 1_500 }), 'allow')
  assert.equal(verdictOn(above, { eur: 1_501 }), 'ask')
  const outside: Condition = { fact: 'site', outside: ['.ours'] }
  assert.equal(verdictOn(outside, { site: 'A.OURS' }), 'allow')
  assert.equal(verdictOn(outside, { site: 'a.theirs' }), 'ask')
})

test('a fact that cannot be checked matches', () => {
  for (const when of [
    { fact: 'eur', above: 1_500 },
    { fact: 'eur', outside: ['.ours'] },
  ] as const) {
    for (const facts of [undefined, null, {}, { eur: null }, { eur: [1] }, { eur: true }]) {
      assert.equal(verdictOn(when, facts), 'ask', JSON.stringify([when, facts]))
    }
  }
  assert.equal(verdictOn({ fact: 'eur', above: 1 }, { eur: '1' }), 'ask')
  // Of every object's prototype, and no fact.
  assert.equal(verdictOn({ fact: 'constructor', outside: [''] }, {}), 'ask')
})
