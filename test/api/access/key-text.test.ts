import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newKeyText, readKeyText } from '../../../src/api/access/keys/key-text.ts'

test('a key has the form that it is documented with, and its parts can be read back', () => {
  for (let i = 0; i < 1_000; i++) {
    const { text, id, secret } = newKeyText()
    assert.match(text, /^hf_[a-z2-7]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
    assert.deepEqual(readKeyText(text), { id, secret })
  }
})

test('a key with any one character changed, or with more or less around it, is none', () => {
  const { text } = newKeyText()
  for (let i = 0; i < text.length; i++) {
    const other = text.charAt(i) === 'x' ? 'y' : 'x'
    assert.equal(readKeyText(text.slice(0, i) + other + text.slice(i + 1)), null)
  }
  for (const wrong of [`${text}x`, ` ${text}`, `${text}\n`, text.slice(1), text.toUpperCase(), '']) {
    assert.equal(readKeyText(wrong), null)
  }
})

test('the checksum is the one that scanners compute: CRC-32 of all before it, in base 62', () => {
  const body = 'hf_aaaaaaaaaaaa_00000000000000000000000000000000'
  assert.deepEqual(readKeyText(`${body}_2iGApy`), { id: 'a'.repeat(12), secret: '0'.repeat(32) })
})
