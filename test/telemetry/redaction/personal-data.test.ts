import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'

const { redact } = createRedactor()

const HIDDEN: readonly (readonly [string, string])[] = [
  ['mail to ann.lee+x@corp.example, please', 'mail to [email], please'],
  ['?to=ann%40corp.example&x=1', '?to=[email]&x=1'],
  ['Grüße an jürgen@müller.example', 'Grüße an [email]'],
  ['card 4111 1111 1111 1111 12/27', 'card [card] 12/27'],
  ['card_4111111111111111', 'card_[card]'],
  ['{"n":"5500-0000-0000-0004"}', '{"n":"[card]"}'],
  ['amex 378282246310005.', 'amex [card].'],
  ['order 12 4111111111111111', 'order 12 [card]'],
  ['pay DE89 3704 0044 0532 0130 00 AND MORE', 'pay [iban] AND MORE'],
  ['AB12 GB82WEST12345698765432', 'AB12 [iban]'],
  ['call +49 (170) 1234-567 now', 'call [phone] now'],
  ['call 030 1234567 or 0170/1234567', 'call [phone] or [phone]'],
  ['01701234567', '[phone]'],
  ['01 23 45 67 89', '[phone]'],
  ['(555) 123-4567', '[phone]'],
]

test('e-mail addresses, cards, IBANs and phone numbers are taken out of a text, and the rest stays', () => {
  for (const [text, shown] of HIDDEN) assert.equal(redact(text), shown)
})

const SHOWN = [
  'run_01kb2m4d3s7v9q8x5t6r7w1y0z',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '00f067aa0ba902b7',
  '550e8400-e29b-41d4-a716-446655440000',
  '01234567-0123-7456-8901-0123456789ab',
  '2026-11-27T10:17:39.123Z',
  '2026-11-27 10:17:39.123456+00:00',
  '1795774659123',
  '1795774659123456789',
  '127.0.0.1:54321',
  'at 10.128.30.7:8000 took 1234567 ms, 4111 times',
  // Like a card's number and an IBAN, and without the right check digits.
  '4111 1111 1111 1112',
  'GB82WEST12345698765433',
  'file:///srv/node_modules/@temporalio/worker/lib/worker.js:123:45',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'holdfast 0.3.0, node v24.11.1, pid 1234@host',
  'openai/gpt-5.5-2026-04-23 claude-haiku-4-5-20251001',
  '12:7233:m1x2y3z4',
]

test('ids, times, addresses and versions that look a little like such data are shown as they are', () => {
  for (const text of SHOWN) assert.equal(redact(text), text)
})
