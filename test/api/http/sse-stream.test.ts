import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import { openSseStream, type SseStream } from '../../../src/api/http/sse-stream.ts'

/** A server whose one path is an open stream, and that stream once somebody has come. */
async function serveStream(options: Parameters<typeof openSseStream>[1]) {
  const server = Fastify()
  const opened = Promise.withResolvers<SseStream>()
  server.get('/', (_request, reply) => {
    opened.resolve(openSseStream(reply, options))
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { server, port: Number(new URL(url).port), opened: opened.promise }
}

async function connectTo(port: number) {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  return socket
}

test('a reader that does not read is cut off when its buffer is full', async () => {
  const { server, port, opened } = await serveStream({ bufferBytes: 65_536 })
  const socket = await connectTo(port)
  socket.pause()
  const stream = await opened
  const data = { text: 'x'.repeat(10_000) }
  // The kernel's buffers take some megabytes before ours begins to fill.
  for (let i = 0; i < 5_000 && !stream.closed.aborted; i++) {
    stream.send({ event: 'model.delta', data })
    await delay(0)
  }
  assert.ok(stream.closed.aborted)
  stream.send({ event: 'model.delta', data })
  socket.destroy()
  await server.close()
})

test('a quiet stream is kept alive by comments', async () => {
  const { server, port, opened } = await serveStream({ heartbeatMs: 10 })
  const socket = await connectTo(port)
  let received = ''
  for await (const chunk of socket.setEncoding('utf8')) {
    received += chunk
    if (received.split(':\n\n').length > 3) break
  }
  const stream = await opened
  stream.end()
  await server.close()
  assert.match(received, /content-type: text\/event-stream/i)
})

test('an entry that is larger than the buffer reaches its reader', async () => {
  const { server, port, opened } = await serveStream({ bufferBytes: 65_536 })
  const socket = await connectTo(port)
  const text = 'x'.repeat(5_000_000)
  async function write(): Promise<void> {
    const stream = await opened
    stream.send({ id: 1, event: 'run.completed', data: { text } })
    stream.send({ event: 'model.delta', data: { text: 'What comes while it is under way.' } })
    await stream.drained()
    stream.send({ id: 2, event: 'run.completed', data: {} })
    stream.end()
  }
  const written = write()
  let received = ''
  for await (const chunk of socket.setEncoding('utf8')) received += chunk
  await written
  await server.close()
  assert.ok(received.length > text.length)
  assert.ok(received.includes('id: 2\n'))
})

test('a reader that takes a large entry slowly keeps its stream, one that stops is cut off', async (t) => {
  const heartbeatMs = 600
  const { server, port, opened } = await serveStream({ heartbeatMs, bufferBytes: 65_536 })
  t.after(() => server.close())
  const socket = await connectTo(port)
  t.after(() => socket.destroy())
  const stream = await opened
  stream.send({ event: 'run.completed', data: { text: 'x'.repeat(40_000_000) } })

  const began = performance.now()
  let taken = 0
  // A little at a time, for longer than a reader that takes nothing is left alone.
  while (performance.now() - began < 5 * heartbeatMs) {
    taken += (socket.read() as Buffer | null)?.length ?? 0
    await delay(10)
  }
  assert.ok(taken > 0 && !stream.closed.aborted, `${taken} bytes taken`)
  socket.pause()
  await once(stream.closed, 'abort')
})
