import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  newWebhookSecret,
  signedHeaders,
  WEBHOOK_SECRET,
} from '../../../src/security/webhooks/webhook-signature.ts'

/** The example that the libraries of Standard Webhooks are tested with. */
const PUBLISHED = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

test('the published example has the published signature', () => {
  const { secret, message, signature } = PUBLISHED
  assert.deepEqual(signedHeaders(message, [secret]), {
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  })
})

test('each secret that signs has a signature of its own, separated by spaces', () => {
  const other = newWebhookSecret()
  const { secret, message, signature } = PUBLISHED
  const [ofOther] = signedHeaders(message, [other])['webhook-signature'].split(' ')
  assert.notEqual(ofOther, signature)
  assert.equal(signedHeaders(message, [other, secret])['webhook-signature'], `${ofOther} ${signature}`)
})

test('what is signed is id, time and body: a change of any is another signature', () => {
  const { secret, message, signature } = PUBLISHED
  for (const change of [{ id: 'msg_other' }, { timestamp: message.timestamp + 1 }, { body: '{}' }]) {
    assert.notEqual(signedHeaders({ ...message, ...change }, [secret])['webhook-signature'], signature)
  }
})

test('a secret is 24 to 64 bytes in base64, and no two that we make are the same', () => {
  const made = [newWebhookSecret(), newWebhookSecret()]
  assert.notEqual(made[0], made[1])
  for (const secret of made) assert.match(secret, WEBHOOK_SECRET)
  for (let bytes = 1; bytes <= 80; bytes += 1) {
    const secret = `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
    assert.equal(WEBHOOK_SECRET.test(secret), bytes >= 24 && bytes <= 64, `${bytes} bytes`)
  }
  for (const other of ['', 'whsec_', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_not-base64!']) {
    assert.doesNotMatch(other, WEBHOOK_SECRET)
  }
})
