import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Admission, createAdmission } from './admission.ts'
import { createBackgroundResponses } from './endpoints/background-responses.ts'
import { type Embed, embedWords } from './endpoints/embeddings.ts'
import { type SideEndpoint, sideEndpoints } from './endpoints/side-endpoints.ts'
import { Exchange } from './exchange.ts'
import { type BilledCall, createLedger, type LedgerRow } from './ledger.ts'
import type { ProviderWire } from './provider-wire.ts'
import { fields } from './read-body.ts'
import type { RecordedRequest } from './recorded-request.ts'
import type { Script, ScriptedRequest } from './script.ts'
import { failedBefore, type Sending, sendReply } from './send-reply.ts'
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
  /** What a call costs in micro-USD, for the ledger. */
  readonly price?: (call: BilledCall) => number
  /** Makes the vectors of `/v1/embeddings`; of a text's words where it is not given. */
  readonly embed?: Embed
}

export interface ScriptedProvider extends Pick<Admission, 'limitTo' | 'goAway' | 'comeBack' | 'mostAtOnce'> {
  /** `http://127.0.0.1:port`: the base URL for Anthropic; OpenAI's is `${url}/v1`. */
  readonly url: string
  /** Recorded requests to models, oldest first. A request that no wire can read is answered 400 and not recorded. */
  readonly requests: readonly RecordedRequest[]
  /** What each model was asked, and what that costs. It has every request, also those that are no longer recorded. */
  ledger(): readonly LedgerRow[]
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
  const { script, port = 0, host = '127.0.0.1', keep = 1_000, embed = embedWords } = options
  const requests: RecordedRequest[] = []
  const ledger = createLedger(options.price)
  const admission = createAdmission()
  const background = createBackgroundResponses()
  const asides = sideEndpoints(embed)
  // Ids must differ from those of an earlier start, since a conversation may go on with a new server.
  const start = randomBytes(4).toString('hex')
  let received = 0

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    received += 1
    const id = `${start}${received}`
    const exchange = new Exchange(`req_${id}`, response)
    const { method = '' } = incoming
    const target = new URL(incoming.url ?? '/', 'http://provider')
    const wire = WIRES.get(target.pathname)
    const aside = asides.get(target.pathname)
    if (method === 'POST' && wire !== undefined) return answerModelCall(wire, { incoming, exchange, id })
    if (method === 'POST' && aside !== undefined) return answerAside(aside, incoming, exchange)
    if (await background.answer(method, target, exchange)) return
    refuse(exchange, wire ?? openaiResponsesWire, 404, 'there is nothing here')
  }

  async function answerModelCall(
    wire: ProviderWire,
    at: Pick<Sending, 'incoming' | 'exchange' | 'id'>,
  ): Promise<void> {
    const { exchange, incoming } = at
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
    const sending = { ...at, wire, request, bodyBytes: text.length }
    const asked = { endpoint: wire.wire, model: request.model }
    const refusal = admission.refusalOf(asked, exchange)
    const settled = Promise.withResolvers<void>()
    let servedBy = request.model
    ledger.receive(asked, exchange, { servedBy: () => servedBy, settled: settled.promise })
    let inBackground = false
    try {
      const reply = refusal ?? (await script(request))
      servedBy = reply.servedBy ?? servedBy
      if (!isBackground(request)) return await sendReply(sending, reply)
      if (await failedBefore(sending, reply)) return
      inBackground = true
      await background.start(sending, reply, (ended) => void ended.then(() => settled.resolve()))
    } catch (error) {
      if (exchange.signal.aborted) return
      options.onScriptError?.(error)
      refuse(exchange, wire, 500, 'the script failed')
    } finally {
      if (!inBackground) void exchange.outcome.closed.then(settled.resolve)
    }
  }

  async function answerAside(
    aside: SideEndpoint,
    incoming: IncomingMessage,
    exchange: Exchange,
  ): Promise<void> {
    const text = await readText(incoming)
    try {
      const { model, usage, object } = aside.answer(fields(JSON.parse(text), 'body'), text.length)
      const asked = { endpoint: aside.endpoint, model }
      ledger.receive(asked, exchange)
      const refusal = admission.refusalOf(asked, exchange)
      const request = { body: {}, signal: exchange.signal } as ScriptedRequest
      const sending = { wire: aside.wire, exchange, incoming, request, bodyBytes: text.length, id: '' }
      if (refusal !== null) return void (await failedBefore(sending, refusal))
      exchange.writeHead(200, { 'content-type': 'application/json' })
      exchange.end(JSON.stringify(object), usage)
    } catch (error) {
      refuse(exchange, aside.wire, 400, error instanceof Error ? error.message : 'this is no request')
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
    ledger: ledger.rows,
    limitTo: admission.limitTo,
    goAway: admission.goAway,
    comeBack: admission.comeBack,
    get mostAtOnce() {
      return admission.mostAtOnce
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function isBackground({ wire, body }: ScriptedRequest): boolean {
  return wire === 'openai-responses' && fields(body, 'body').background === true
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
