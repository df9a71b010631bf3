import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Exchange } from './exchange.ts'
import type { ProviderWire } from './provider-wire.ts'
import type { RecordedRequest } from './recorded-request.ts'
import type { Script, ScriptedRequest } from './script.ts'
import { sendReply } from './send-reply.ts'
import { anthropicMessagesWire } from './wires/anthropic-messages.ts'
import { openaiChatWire } from './wires/openai-chat.ts'
import { openaiResponsesWire } from './wires/openai-responses.ts'

export interface ScriptedProviderOptions {
  readonly script: Script
  /** 0, the default, takes any free one. */
  readonly port?: number
  readonly host?: string
  /** How many of the latest requests are recorded: bodies grow with the conversation, and would fill the memory. */
  readonly keep?: number
  /** Called with the error of a script that throws; the client gets a 500. */
  readonly onScriptError?: (error: unknown) => void
}

export interface ScriptedProvider {
  /** `http://127.0.0.1:port`: the base URL for Anthropic; OpenAI's is `${url}/v1`. */
  readonly url: string
  /** Recorded requests, oldest first. A request that no wire can read is answered 400 and not recorded. */
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

const WIRES = new Map<string, ProviderWire>(
  [openaiResponsesWire, openaiChatWire, anthropicMessagesWire].map((wire) => [wire.path, wire]),
)

/**
 * OpenAI and Anthropic on loopback, with a script in the model's place: the real adapters talk to it as they talk to the real
 * providers. It refuses a conversation that they would refuse, such as a tool call without its result.
 */
export async function startScriptedProvider(options: ScriptedProviderOptions): Promise<ScriptedProvider> {
  const { script, port = 0, host = '127.0.0.1', keep = 1_000 } = options
  const requests: RecordedRequest[] = []
  // Ids must differ from those of an earlier start, since a conversation may go on with a new server.
  const start = randomBytes(4).toString('hex')
  let received = 0

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    received += 1
    const id = `${start}${received}`
    const exchange = new Exchange(`req_${id}`, response)
    const wire = WIRES.get(incoming.url?.split('?')[0] ?? '')
    if (wire === undefined || incoming.method !== 'POST') {
      return refuse(exchange, wire ?? openaiResponsesWire, 404, 'there is nothing here')
    }

    const text = await readText(incoming)
    let request: ScriptedRequest
    try {
      const body: unknown = JSON.parse(text)
      const headers = readHeaders(incoming)
      request = { wire: wire.wire, headers, body, signal: exchange.signal, ...wire.readRequest(body) }
    } catch (error) {
      return refuse(exchange, wire, 400, error instanceof Error ? error.message : 'this is no request')
    }
    requests.push(record(exchange, request))
    if (requests.length > keep) requests.shift()
    try {
      const reply = await script(request)
      await sendReply({ wire, exchange, incoming, request, bodyBytes: text.length, id }, reply)
    } catch (error) {
      if (exchange.signal.aborted) return
      options.onScriptError?.(error)
      refuse(exchange, wire, 500, 'the script failed')
    }
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      // A client that disconnected while it was sending gets no answer.
      if (!incoming.destroyed) options.onScriptError?.(error)
      response.destroy()
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    url: `http://${host}:${address.port}`,
    requests,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function refuse(exchange: Exchange, wire: ProviderWire, status: number, message: string): void {
  const { response, requestId } = exchange
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'application/json', [wire.requestIdHeader]: requestId })
  }
  exchange.end(JSON.stringify(wire.error(status, message, requestId)), null)
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function readHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

function record({ requestId, outcome }: Exchange, request: ScriptedRequest): RecordedRequest {
  const { signal: _, ...seen } = request
  return Object.assign(outcome, { requestId, receivedAt: Date.now(), ...seen })
}
