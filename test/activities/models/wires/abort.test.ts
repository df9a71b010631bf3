import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELLO, startAsking, WIRES } from '../support/ask.ts'

class Cancelled extends Error {}

for (const wire of WIRES) {
  test(`${wire}: a cancel before the answer closes the socket and comes out as it went in`, async (t) => {
    const arrived = Promise.withResolvers<void>()
    const { ask, provider } = await startAsking(t, () => {
      arrived.resolve()
      return { fault: 'hang' }
    })
    const cancel = new AbortController()
    const reason = new Cancelled()
    const answer = ask(wire, HELLO, { signal: cancel.signal })
    await arrived.promise
    const cancelledAt = Date.now()
    cancel.abort(reason)

    await assert.rejects(answer, (error) => error === reason)
    const request = provider.requests[0]
    await request?.closed
    assert.equal(request?.closedEarly, true)
    assert.equal(request?.charged, null)
    assert.ok((request?.closedAt ?? Number.POSITIVE_INFINITY) - cancelledAt < 2_000)
  })

  test(`${wire}: a cancel in the middle of the answer closes the socket and comes out as it went in`, async (t) => {
    const { ask, provider } = await startAsking(t, { text: 'The beginning of an answer.', fault: 'stall' })
    const cancel = new AbortController()
    const reason = new Cancelled()
    const answer = ask(wire, HELLO, { signal: cancel.signal, onProgress: () => cancel.abort(reason) })

    await assert.rejects(answer, (error) => error === reason)
    await provider.requests[0]?.closed
    assert.equal(provider.requests[0]?.closedEarly, true)
  })

  test(`${wire}: a call that is cancelled already sends nothing`, async (t) => {
    const { ask, provider } = await startAsking(t, { text: 'Hi.' })
    const reason = new Cancelled()
    await assert.rejects(ask(wire, HELLO, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
    assert.equal(provider.requests.length, 0)
  })
}

test('a signal that outlives its calls keeps no listener of theirs', async (t) => {
  const { ask } = await startAsking(t, { text: 'Hi.' })
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1
    remove(...args)
  }
  for (const wire of WIRES) await ask(wire, HELLO, { signal })
  assert.equal(listeners, 0)
})
