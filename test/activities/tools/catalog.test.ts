import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findTool, TOOLS, toolSpecs } from '../../../src/activities/tools/catalog.ts'
import { TOOL_POLICY, type ToolName } from '../../../src/policies/tools.ts'

test('the catalogue and the policy table name the same tools, with the same effects', () => {
  assert.deepEqual(Object.keys(TOOLS).sort(), Object.keys(TOOL_POLICY).sort())
  for (const [name, tool] of Object.entries(TOOLS)) {
    const row = TOOL_POLICY[name as ToolName]
    assert.equal(tool.name, name)
    assert.equal(tool.effect, row.effect)
    assert.equal(tool.idempotency, row.idempotency)
  }
})

test('every tool tells a model what it is for and takes an object with no further members', () => {
  const specs = toolSpecs(Object.keys(TOOLS))
  assert.equal(specs.length, Object.keys(TOOLS).length)
  for (const { name, description, inputSchema } of specs) {
    assert.match(name, /^[a-z][a-z_]{2,63}$/)
    assert.ok(description.length > 40, name)
    assert.equal(inputSchema['type'], 'object')
    assert.equal(inputSchema['additionalProperties'], false)
    assert.equal(inputSchema['$schema'], undefined)
  }
})

test('a name that no tool has finds none', () => {
  for (const name of ['', 'GET_ORDER', 'constructor', '__proto__']) assert.equal(findTool(name), null)
  assert.deepEqual(toolSpecs(['made_up']), [])
})

test('arguments that do not fit are pointed at, and fitting ones are not', () => {
  const { issue_refund, create_return, list_orders } = TOOLS
  const refund = {
    order_number: 'L-20871',
    amount_cents: 12_900,
    currency: 'EUR',
    reason: 'damaged',
    explanation: 'Cracked tank.',
  }
  assert.deepEqual(issue_refund.invalidArguments(refund), [])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: 129.5 }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: '12900' }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: 0 }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, approved: true }), ['/approved'])
  assert.deepEqual(list_orders.invalidArguments({ principal: 'jonas.weber' }), ['/principal'])
  const items = [{ sku: 'VEL-SCL-01', quantity: 0 }]
  assert.deepEqual(create_return.invalidArguments({ order_number: 'L-1', items, reason: 'faulty' }), [
    '/items/0/quantity',
  ])
})
