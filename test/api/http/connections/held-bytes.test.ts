import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { boundHeldBytes, leaveOutBody } from '../../../../src/api/http/connections/held-bytes.ts'
import { createHttpServer } from '../../../../src/api/http/connections/http-server.ts'
import { HTTP } from '../../../../src/policies/api.ts'
import { until } from '../../../support/until.ts'

const MEGABYTE = 1_048_576
const untold = () => undefined

/** Resolves to the port. */
async function listen(server: Server, t: TestContext): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('answers that nobody takes hold no more than the bound: the largest are cut off, and the others stay', async (t) => {
  const server = createServer((request, response) => {
    response.end(Buffer.alloc(Number(request.url?.slice(1)) * MEGABYTE))
  })
  boundHeldBytes(server, untold, { heldBytes: 100 * MEGABYTE, checkMs: 20 })
  const port = await listen(server, t)

  const held: Socket[] = []
  server.on('connection', (socket) => held.push(socket))
  async function askFor(megabytes: number): Promise<Socket> {
    const answered = once(server, 'request')
    const reader = connect({ host: '127.0.0.1', port }).pause()
    t.after(() => reader.destroy())
    reader.on('error', () => undefined)
    reader.write(`GET /${megabytes} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await answered
    return reader
  }
  await askFor(30)
  await askFor(40)
  const largest = await askFor(60)
  const [first, second, third] = held
  assert.ok(first && second && third)
  if (!third.destroyed) await once(third, 'close')
  assert.deepEqual([first.destroyed, second.destroyed], [false, false])
  assert.ok(first.writableLength + second.writableLength <= 100 * MEGABYTE)
  largest.destroy()

  await askFor(20)
  const small = held.at(-1)
  assert.equal(small?.destroyed, false)
})

test('requests whose bodies are still to be answered count as well, and those that were answered do not', async (t) => {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      if (request.url === '/answered') response.end()
    })
  })
  boundHeldBytes(server, untold, { heldBytes: 10 * MEGABYTE, checkMs: 20 })
  const port = await listen(server, t)
  const sender = connect({ host: '127.0.0.1', port })
  t.after(() => sender.destroy())
  sender.on('error', () => undefined)
  const send = (path: string, megabytes: number) => {
    const bytes = megabytes * MEGABYTE
    sender.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes}\r\n\r\n`)
    sender.write(Buffer.alloc(bytes))
  }
  for (let i = 0; i < 3; i++) {
    send('/answered', 6)
    await once(sender, 'data')
  }
  send('/open', 4)
  const other = connect({ host: '127.0.0.1', port })
  t.after(() => other.destroy())
  other.on('error', () => undefined)
  other.write(`POST /open HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${8 * MEGABYTE}\r\n\r\n`)
  other.write(Buffer.alloc(8 * MEGABYTE))
  // A reset is one way to be closed, and comes as an error first.
  await new Promise((resolve) => other.resume().once('close', resolve))
  assert.equal(sender.destroyed, false)
})

test('what is sent after a refusal, and a body that something else bounds, are left out: an upload stays', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const cuts: unknown[] = []
  const server = createServer((request, response) => {
    if (request.url === '/refused') response.writeHead(401).end()
    else {
      leaveOutBody(request.socket)
      request.resume().once('end', () => response.end())
    }
  })
  boundHeldBytes(server, (cut) => cuts.push(cut), { heldBytes: 10 * MEGABYTE, checkMs: 20 })
  const port = await listen(server, t)
  const head = (path: string, megabytes: number) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${megabytes * MEGABYTE}\r\n\r\n`
  const taken: Socket[] = []
  server.on('connection', (socket) => taken.push(socket))
  const upload = connect({ host: '127.0.0.1', port })
  t.after(() => upload.destroy())
  upload.write(head('/taken', 20))
  upload.write(Buffer.alloc(15 * MEGABYTE))
  for (let i = 0; i < 4; i++) {
    const refused = connect({ host: '127.0.0.1', port })
    t.after(() => refused.destroy())
    refused.write(head('/refused', 8))
    await once(refused, 'data')
    refused.write(Buffer.alloc(6 * MEGABYTE))
  }
  // A look is taken once everything that was sent has come.
  const all = (15 + 4 * 6) * MEGABYTE
  await until('the bytes are there', async () => taken.reduce((sum, one) => sum + one.bytesRead, 0) >= all)
  t.mock.timers.tick(20)
  upload.write(Buffer.alloc(5 * MEGABYTE))
  const [answer] = (await once(upload, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1.1 200 /)
  assert.deepEqual(cuts, [])
})

test('the server of the API has the bound', async (t) => {
  const cuts: { connections: number }[] = []
  const server = createHttpServer(
    (_request, response) => response.end(Buffer.alloc(HTTP.heldBytes / 2)),
    untold,
    (cut) => cuts.push(cut),
  )
  const port = await listen(server, t)
  const held: Socket[] = []
  server.on('connection', (socket) => held.push(socket))
  const readers = [1, 2, 3].map(() =>
    connect({ host: '127.0.0.1', port })
      .pause()
      .on('error', () => undefined),
  )
  t.after(() => {
    for (const reader of readers) reader.destroy()
  })
  for (const reader of readers) reader.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  while (held.length < readers.length) await once(server, 'connection')
  await Promise.any(held.map((socket) => once(socket, 'close')))
  assert.ok(held.filter(({ destroyed }) => !destroyed).length >= 1)
  await until('it is told', async () => cuts.length > 0)
})
