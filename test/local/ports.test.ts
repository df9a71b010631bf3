import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { portHolder, requirePort } from '../../src/local/ports.ts'
import { StartError } from '../../src/local/start-error.ts'

const ADVICE = 'Set TEMPORAL_PORT to another port.'
const linux = process.platform === 'linux'

async function listener() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, [Symbol.dispose]: () => void server.close() }
}

describe('a port that a start needs', () => {
  it('is given back when it is free', async () => {
    const { port, ...server } = await listener()
    server[Symbol.dispose]()
    assert.equal(await requirePort('127.0.0.1', port, ADVICE), port)
  })

  it('is any free one when 0 is asked for, of those that no connection is given', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => requirePort('127.0.0.1', 0, ADVICE)))
    for (const port of ports) assert.ok(port >= 20_000 && port < 32_768, String(port))
    assert.ok(new Set(ports).size > 40)
  })

  it('is refused when it is taken, with what to do and, where it can be known, the holder', async () => {
    using server = await listener()
    await assert.rejects(requirePort('127.0.0.1', server.port, ADVICE), (error) => {
      assert.ok(error instanceof StartError)
      assert.match(
        error.message,
        new RegExp(`^Port ${server.port} of 127.0.0.1 is taken by .*\\. ${ADVICE}$`),
      )
      if (linux) assert.match(error.message, new RegExp(`process ${process.pid} \\(`))
      return true
    })
  })

  it('has no holder when nobody listens', async () => {
    assert.equal(portHolder(1), null)
  })
})
