import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nodeProblem } from '../../src/cli/node-problem.ts'

it('a Node that is older than the product wants is named, with what brings a newer one', () => {
  assert.match(
    nodeProblem('20.20.2', '>=24') ?? '',
    /needs Node 24 or newer, and this is 20\.20\.2\. .*npm install --save-dev node@24/,
  )
  assert.equal(nodeProblem('24.0.0', '>=24'), null)
  assert.equal(nodeProblem('26.1.0', '>=24'), null)
  assert.equal(nodeProblem(), null)
})
