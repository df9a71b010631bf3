import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeSpans, type ReceivedSpan } from './decode-spans.ts'

export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A collector on loopback that keeps what it gets. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  spans(): ReceivedSpan[]
  /** Resolves once it has spans for which this holds. */
  until(holds: (spans: readonly ReceivedSpan[]) => boolean): Promise<ReceivedSpan[]>
  close(): Promise<void>
}

const PATIENCE_MS = 60_000

/** @param status of its answers */
export async function startOtlpReceiver(status = 200): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = []
  const received = new EventEmitter()
  received.setMaxListeners(0)
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) })
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
      received.emit('request')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const spans = () => requests.flatMap(({ body }) => decodeSpans(body))
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans,
    async until(holds) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (!holds(spans())) {
        await once(received, 'request', { signal }).catch(() => {
          throw new Error(
            `The spans did not come; there are ${spans()
              .map(({ name }) => name)
              .join(', ')}`,
          )
        })
      }
      return spans()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
