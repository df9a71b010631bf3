import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly atMs: number
}

type Reply = (response: ServerResponse) => void

/** An API that gives these answers, one a request in their order, and writes down what it is asked. One request more is answered 500. */
export interface ScriptedApi extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Resolves when the connection of the next answer that is left open has been closed by the client. */
  left(): Promise<unknown>
}

export async function startScriptedApi(...replies: readonly Reply[]): Promise<ScriptedApi> {
  const requests: SeenRequest[] = []
  const leaving = new EventEmitter()
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const reply = replies[requests.length] ?? problem(500, 'internal')
    requests.push({ method, path, headers, body: await text(request), atMs: performance.now() })
    response.once('close', () => {
      if (!response.writableFinished) leaving.emit('left')
    })
    reply(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    left: () => once(leaving, 'left'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function json(body: unknown, status = 200): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

export function problem(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    const body = { type: `/errors#${code}`, title: code, status, code, detail: `It is ${code}.` }
    response
      .writeHead(status, { ...headers, 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ ...body, instance: '/', request_id: 'req_1' }))
  }
}

/** Cuts the connection before it answers. */
export const cut: Reply = (response) => void response.destroy()

export const noContent: Reply = (response) => void response.writeHead(204).end()

interface StreamScript {
  readonly entries: readonly object[]
  /** `end` as the API ends a stream; `cut` in the middle of an entry; `silent` leaves it open. */
  readonly close: 'end' | 'cut' | 'silent'
}

/** An event stream with these entries. Those with a `seq` have it as their id. */
export function stream({ entries, close }: StreamScript): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const texts = entries.map((entry) => {
      const id = 'seq' in entry ? `id: ${entry.seq}\n` : ''
      return `${id}data: ${JSON.stringify(entry)}\n\n`
    })
    response.write(texts.join(''))
    if (close === 'end') response.end()
    if (close === 'cut') response.write('id: 99\ndata: {"obj', () => response.destroy())
  }
}

/** An event as the API streams it. */
export function event(seq: number, type: string, data: object = {}): object {
  return { object: 'event', seq, run_id: 'run_1', type, data, at: '2026-11-27T10:00:00.000Z' }
}
