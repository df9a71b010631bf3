import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readToolCalls } from '../../src/activities/read-tool-calls.ts'
import { findTool } from '../../src/activities/tools/catalog.ts'

test('whether a tool is new to the principal is said where a rule asks, and only there', () => {
  const tools = ['list_orders', 'get_order', 'search_help']
  const toolCalls = tools.map((tool, index) => ({ callId: `call_${index}`, tool, arguments: {} }))
  const { calls } = readToolCalls(toolCalls, {
    allowed: tools,
    firstTimeOf: ['get_order', 'search_help'],
    neverUsed: ['get_order'],
    seq: 1,
    findTool,
  })
  assert.deepEqual(
    calls.map((call) => ('firstTime' in call ? call.firstTime : 'not asked')),
    ['not asked', true, false],
  )
})
