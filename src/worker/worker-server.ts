import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { unusablePortText } from '../contracts/processes/unusable-port.ts'
import { HTTP } from '../policies/api.ts'
import { isFromHere } from '../security/is-from-here.ts'
import { cached } from '../telemetry/cached.ts'
import type { Metrics } from '../telemetry/metrics/create-metrics.ts'
import type { WorkerFinding } from './worker-readiness.ts'

/** The worker's port cannot be listened on: the operator has to name another one. */
export class WorkerPortUnusable extends Error {
  override readonly name = 'WorkerPortUnusable'
}

const OTHER_PORT = 'Set HOLDFAST_WORKER_PORT to another port for this worker; 0 is any free one.'

export interface WorkerServerOptions {
  readonly host: string
  /** 0 is any free one. */
  readonly port: number
  /** Takes only requests to and from loopback names; see `addGuards` of the API. */
  readonly loopbackOnly: boolean
  readonly metrics: Pick<Metrics, 'page'>
  /** What keeps the worker from its work; see `workerReadiness`. */
  readonly findings: () => Promise<readonly WorkerFinding[]>
  readonly logger: Pick<Logger, 'error'>
}

export interface WorkerServer {
  /** `http://host:port`. */
  readonly url: string
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/**
 * `GET /health`, `/ready` and `/metrics` of a worker. It asks nobody for a key and tells nothing of any run: whom the port is for is a matter of
 * the network. On loopback that is this machine, and pages of other sites are kept out. Elsewhere any Host is taken, since Prometheus and the
 * kubelet come by the address of the Pod.
 *
 * @throws WorkerPortUnusable
 */
export async function startWorkerServer(options: WorkerServerOptions): Promise<WorkerServer> {
  const { host, port, loopbackOnly, metrics, findings, logger } = options
  const look = cached(findings, { keptMs: HTTP.readyCacheMs, withinMs: HTTP.readyWithinMs })

  const routes: Readonly<Record<string, () => Promise<Answer>>> = {
    '/health': async () => json(200, { status: 'ok' }),
    async '/ready'() {
      const missing = (await look()) ?? [{ pointer: '/worker', detail: 'Could not be looked at in time.' }]
      return missing.length === 0
        ? json(200, { status: 'ready' })
        : json(503, { status: 'not_ready', missing })
    },
    '/metrics': async () => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await metrics.page(),
    }),
  }

  async function answer({ method, url = '', headers }: IncomingMessage): Promise<Answer> {
    if (loopbackOnly && !isFromHere(headers)) return json(421, { status: 'misdirected_request' })
    const route = Object.hasOwn(routes, pathOf(url)) ? routes[pathOf(url)] : undefined
    if (route === undefined) return json(404, { status: 'not_found' })
    if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'method_not_allowed' })
    return route()
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await answer(request).catch((err: unknown) => {
      logger.error({ err }, 'the worker did not answer about itself')
      return json(500, { status: 'failed' })
    })
    response
      .writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      .end(request.method === 'HEAD' ? undefined : body)
  }

  const server = createServer({ maxHeaderSize: HTTP.headerBytes, requestTimeout: HTTP.requestTimeoutMs })
  server.on('request', (request, response) => void handle(request, response))
  server.listen(port, host)
  await once(server, 'listening').catch(({ code }: NodeJS.ErrnoException) => {
    throw new WorkerPortUnusable(unusablePortText({ host, port, code }, OTHER_PORT))
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}
