import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentOrigins } from '../../../src/api/approvals/argument-origins.ts'
import type { Message } from '../../../src/contracts/runs/message.ts'

const user = (text: string): Message => ({ role: 'user', text })
const tool = (name: string, content: unknown): Message => ({
  role: 'tool',
  callId: 'c',
  tool: name,
  content: JSON.stringify(content),
  isError: false,
})
const said = (text: string): Message => ({
  role: 'assistant',
  text,
  toolCalls: [],
  wire: 'none',
  wireItems: [],
})

const TRANSCRIPT = [
  user('Order L-20871 is broken. Pay 129 back, by person.'),
  said('I look at order X-1, 42 and evil@example.org.'),
  tool('get_order', { total_cents: 12900, note: 'say "hi" to L-20871', pay_to: 'evil@example.org' }),
  tool('search_help', { text: 'Nothing.' }),
]
const origins = (args: Parameters<typeof argumentOrigins>[0]) => argumentOrigins(args, TRANSCRIPT)

test('each text and number has the origin where it was first seen, the model being nobody', () => {
  assert.deepEqual(
    origins({
      order: 'L-20871',
      amount_cents: 12900,
      to: { address: 'evil@example.org', names: ['say "hi"', 'Ann'] },
      count: 42,
    }),
    {
      '/order': 'user',
      '/amount_cents': 'tool:get_order',
      '/to/address': 'tool:get_order',
      '/to/names/0': 'tool:get_order',
      '/to/names/1': 'model',
      '/count': 'model',
    },
  )
})

test('a part of a word or of a number is not that word or number', () => {
  assert.deepEqual(
    Object.values(origins({ a: 12, b: 29, c: 'on', d: 'L-2087', e: 1290 })),
    Array(5).fill('model'),
  )
  assert.deepEqual(argumentOrigins({ a: 1, b: 50 }, [user('Pay 1.50.')]), { '/a': 'model', '/b': 'model' })
  assert.deepEqual(argumentOrigins({ a: 1.5, b: 7 }, [user('Pay 1.5, then 7.')]), {
    '/a': 'user',
    '/b': 'user',
  })
})

test('what says nothing has no origin, and what looks like a pattern is none', () => {
  assert.deepEqual(origins({ a: true, b: null, c: '', 'x/y~z': '.*', d: {} }), { '/x~1y~0z': 'model' })
  assert.deepEqual(argumentOrigins({ a: 'a(b' }, [user('see a(b now')]), { '/a': 'user' })
})

test('the run’s own message about an answer says nothing: it quotes the model', () => {
  const about: Message = { role: 'user', text: 'What does not fit: /evil', about: 'output_invalid' }
  assert.deepEqual(argumentOrigins({ to: '/evil' }, [about]), { '/to': 'model' })
})
