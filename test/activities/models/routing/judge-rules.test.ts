import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  firstRuleThatHolds,
  type RouteSubject,
} from '../../../../src/activities/models/routing/judge-rules.ts'
import type { RouteCondition } from '../../../../src/contracts/models/routing.ts'

const SUBJECT: RouteSubject = {
  tenant: 'acme',
  groups: ['gold'],
  metadata: { tier: 'free', seats: 3 },
  inputCharacters: 100,
  messages: 2,
  isContinued: false,
  tools: 1,
}

const holds = (when: RouteCondition, changes: Partial<RouteSubject> = {}) =>
  firstRuleThatHolds([{ name: 'rule', when, route: 0 }], { ...SUBJECT, ...changes }) !== null

test('each condition holds exactly for what it is about', () => {
  const cases: readonly (readonly [RouteCondition, boolean, Partial<RouteSubject>?])[] = [
    [{ inputCharacters: { below: 101 } }, true],
    [{ inputCharacters: { below: 100 } }, false],
    [{ inputCharacters: { above: 99, below: 101 } }, true],
    [{ inputCharacters: { above: 100 } }, false],
    [{ messages: { above: 1 } }, true],
    [{ messages: { below: 2 } }, false],
    [{ thread: 'new' }, true],
    [{ thread: 'new' }, false, { isContinued: true }],
    [{ thread: 'continued' }, true, { isContinued: true }],
    [{ tools: 'any' }, true],
    [{ tools: 'any' }, false, { tools: 0 }],
    [{ tools: 'none' }, true, { tools: 0 }],
    [{ metadata: { tier: 'free' } }, true],
    [{ metadata: { tier: ['trial', 'free'] } }, true],
    [{ metadata: { tier: 'free', region: 'eu' } }, false],
    [{ metadata: { seats: '3' } }, false],
    [{ metadata: { constructor: 'x' } }, false],
    [{ group: 'gold' }, true],
    [{ group: 'silver' }, false],
    [{ tenant: 'acme' }, true],
    [{ tenant: ['other', 'acme'] }, true],
    [{ tenant: 'acm' }, false],
  ]
  for (const [when, expected, changes] of cases) {
    assert.equal(holds(when, changes), expected, JSON.stringify([when, changes]))
  }
})

test('all conditions of a rule have to hold, and the first rule that holds counts', () => {
  assert.equal(holds({ thread: 'new', group: 'silver' }), false)
  const rules = [
    { name: 'long', when: { inputCharacters: { above: 1_000 } }, route: 0 },
    { name: 'gold', when: { group: 'gold' }, route: 1 },
    { name: 'free', when: { metadata: { tier: 'free' } }, route: 2 },
  ]
  assert.equal(firstRuleThatHolds(rules, SUBJECT)?.name, 'gold')
  assert.equal(firstRuleThatHolds(rules, { ...SUBJECT, groups: [], metadata: {} }), null)
})
