import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import type { Database } from '../../store/database/database.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { Problem } from '../http/problems/problem.ts'
import { type Overload, overloadOf } from './overload.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Says that the rest of the request is waiting, which is no work: it does not count as under way any more. */
    onlyWaits: () => void
  }
  interface FastifyContextConfig {
    /** `never`: the request is served however much there is to do, and counts to no limit. Otherwise reads are refused first, writes last. */
    refused?: 'never'
  }
}

interface Parts {
  readonly database: Pick<Database, 'connections'>
  readonly telemetry: Telemetry
}

/**
 * Refuses requests while the process has more to do than it gets done: what is refused costs next to nothing, so that the rest is answered in
 * time. Public routes and those that are never refused are served all the same.
 */
export function shedLoad(server: FastifyInstance, { database, telemetry }: Parts): void {
  const { sampleEveryMs, busyUtilisation, retryAfterSeconds } = LOAD_SHEDDING
  const heapLimit = getHeapStatistics().heap_size_limit
  server.register(underPressure, {
    sampleInterval: sampleEveryMs,
    eventLoopUtilizationMode: 'interval',
  })
  const report = createReport(server)
  let underWay = 0

  /** One late sample can be a single long task, which is over. */
  let delays: readonly [before: number, now: number] = [0, 0]
  const sampling = setInterval(() => {
    delays = [delays[1], server.memoryUsage().eventLoopDelay]
  }, sampleEveryMs).unref()
  server.addHook('onClose', async () => clearInterval(sampling))

  function load() {
    const { heapUsed, eventLoopUtilized } = server.memoryUsage()
    return {
      underWay,
      waitingStatements: database.connections().waiting,
      eventLoopDelayMs: Math.min(...delays),
      busy: eventLoopUtilized >= busyUtilisation,
      heapShare: heapUsed / heapLimit,
    }
  }

  server.decorateRequest('onlyWaits', () => undefined)
  server.addHook('onRequest', async (request) => {
    const order = orderOf(request)
    if (order === null) return
    const overload = overloadOf(load(), LOAD_SHEDDING[order])
    if (overload !== null) {
      telemetry.record({ type: 'request.shed', order, overload })
      report(overload)
      const { least, most } = retryAfterSeconds
      const seconds = least + Math.floor(Math.random() * (most - least + 1))
      throw new Problem('overloaded', { headers: { 'retry-after': String(seconds) } })
    }
    underWay += 1
    request.onlyWaits = () => {
      underWay -= 1
      request.onlyWaits = () => undefined
    }
  })
  server.addHook('onResponse', async (request) => request.onlyWaits())
}

/** Which requests are refused before others; null for those that never are. */
function orderOf({ method, routeOptions, is404 }: FastifyRequest): 'first' | 'last' | null {
  const { access, refused } = routeOptions.config
  if (is404 || access === 'public' || refused === 'never') return null
  return method === 'GET' || method === 'HEAD' ? 'first' : 'last'
}

/** Tells the log, once in a while, how many requests were refused. */
function createReport(server: FastifyInstance): (overload: Overload) => void {
  let refused = 0
  let nextAt = 0
  return (overload) => {
    refused += 1
    const now = performance.now()
    if (now < nextAt) return
    server.log.warn({ refused, overload }, 'too much to do: requests are refused')
    refused = 0
    nextAt = now + LOAD_SHEDDING.logEveryMs
  }
}
