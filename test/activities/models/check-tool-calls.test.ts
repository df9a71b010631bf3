import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkToolCalls } from '../../../src/activities/models/check-tool-calls.ts'
import { testApp, testTool } from '../../support/test-app.ts'

test('whether a tool is new to the principal is said where a rule asks, and only there', () => {
  const tools = ['list_orders', 'get_order', 'search_help']
  const toolCalls = tools.map((tool, index) => ({ callId: `call_${index}`, tool, arguments: {} }))
  const { calls } = checkToolCalls(toolCalls, {
    allowed: tools,
    firstTimeOf: ['get_order', 'search_help'],
    neverUsed: ['get_order'],
    seq: 1,
    app: testApp({ tool: testTool }),
  })
  assert.deepEqual(
    calls.map((call) => ('firstTime' in call ? call.firstTime : 'not transcriptCalls')),
    ['not transcriptCalls', true, false],
  )
})

test('a call that can’t be read is not made; the model is told why, and is shown what it wrote', () => {
  const call = { callId: 'c', tool: 'get_order', arguments: {} }
  const broken = { ...call, problem: 'tool_arguments_not_json' as const, received: '{"id' }
  const { calls, transcriptCalls, notes } = checkToolCalls([broken, { ...call, tool: 'no_such_tool' }], {
    allowed: ['get_order'],
    firstTimeOf: [],
    neverUsed: [],
    seq: 4,
    app: testApp({ tool: testTool }),
  })
  const problems = ['tool_arguments_not_json', 'tool_unknown']
  assert.deepEqual(
    calls.map(({ problem }) => problem),
    problems,
  )
  assert.deepEqual(
    transcriptCalls.map(({ problem }) => problem),
    problems,
  )
  assert.deepEqual(
    notes.map(({ seq }) => seq),
    [5, 6],
  )
  assert.equal(JSON.parse(notes[0]?.message.content ?? '').received, '{"id')
})
