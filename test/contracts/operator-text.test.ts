import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asMarkdown, cutText, visible } from '../../src/contracts/operator-text.ts'

test('what a screen would obey or hide is written out', () => {
  const cases = {
    'refund of \u202e00.921\u202c EUR': 'refund of \\u202e00.921\\u202c EUR',
    'one\r\ntwo\tthree': 'one\\r\\ntwo\\tthree',
    '\u001b[2Jgone': '\\u001b[2Jgone',
    '\u009b31mred': '\\u009b31mred',
    'zero\u200bwidth\ufeff': 'zero\\u200bwidth\\ufeff',
    'tag\u{e0041}': 'tag\\u{e0041}',
    'line\u2028para\u2029': 'line\\u2028para\\u2029',
    'half \ud83d': 'half \\ud83d',
    'فروشگاه\u200cها 👩\u200d🔧': 'فروشگاه\u200cها 👩\u200d🔧',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(visible(text), expected)
})

test('names and numbers stay readable in Markdown', () => {
  for (const text of [
    'issue_refund(order_number=L-20871, cents=12900)',
    'at 12:30, for ann@shop.example (2.5 %)',
  ])
    assert.equal(asMarkdown(text), text)
})

test('a cut never halves a pair', () => {
  assert.equal(cutText('abc', 3), 'abc')
  assert.equal(cutText('abcd', 3), 'ab…')
  assert.equal(cutText('😀😀😀', 3), '😀😀😀')
  assert.equal(cutText('😀😀😀😀', 3), '😀😀…')
})
