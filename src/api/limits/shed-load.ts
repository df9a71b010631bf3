import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import type { Database } from '../../store/database/database.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { Problem } from '../http/problems/problem.ts'
import { type Overload, overloadOf } from './overload.ts'
import { createWorkBound } from './work-bound.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request as something that is under way. */
    work: Work
  }
  interface FastifyContextConfig {
    /** `never`: the request is served however much there is to do, and counts to no limit. Otherwise reads are refused first, writes last. */
    refused?: 'never'
  }
}

/** A request's part in what the process has to do. */
export interface Work {
  /** The body is yet to come, for as long as its sender likes: nothing is to be done meanwhile. */
  receivesBody(): void
  /** The body is there. */
  hasBody(): void
  /** What is left of the request is waiting for something to happen: its part is over, and what comes after that counts for nothing. */
  onlyWaits(): void
  /** Its part is over: the request took as long as something that was away, and says nothing of what the process gets done. */
  wasHeldUp(): void
}

const nothing = () => undefined
const NO_WORK: Work = {
  receivesBody: nothing,
  hasBody: nothing,
  onlyWaits: nothing,
  wasHeldUp: nothing,
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
  const { sampleEveryMs, retryAfterSeconds } = LOAD_SHEDDING
  const heapLimit = getHeapStatistics().heap_size_limit
  server.register(underPressure, { sampleInterval: sampleEveryMs })
  const report = createReport(server)
  const bound = createWorkBound()
  let underWay = 0

  /** One late sample can be a single long task, which is over. */
  let delays: readonly [before: number, now: number] = [0, 0]
  const isBusy = createBusyWatch()
  let busy = false
  let sampling: NodeJS.Timeout | undefined
  // Until then the plugin that takes the samples is not there.
  server.addHook('onReady', async () => {
    sampling = setInterval(() => {
      delays = [delays[1], server.memoryUsage().eventLoopDelay]
      busy = isBusy()
      bound.adjust(underWay)
    }, sampleEveryMs).unref()
  })
  server.addHook('onClose', async () => clearInterval(sampling))

  const load = () => ({
    workShare: underWay / bound.now,
    waitingStatements: database.connections().waiting,
    eventLoopDelayMs: Math.min(...delays),
    busy,
    heapShare: server.memoryUsage().heapUsed / heapLimit,
  })

  server.decorateRequest('work')
  server.addHook('onRequest', async (request) => {
    request.work = NO_WORK
    const order = orderOf(request)
    if (order === null) return
    const overload = overloadOf(load(), LOAD_SHEDDING[order])
    if (overload !== null) {
      if (overload === 'under_way') bound.refused()
      telemetry.record({ type: 'request.shed', order, overload })
      report(overload)
      const { least, most } = retryAfterSeconds
      const seconds = least + Math.floor(Math.random() * (most - least + 1))
      throw new Problem('overloaded', { headers: { 'retry-after': String(seconds) } })
    }
    let began = performance.now()
    const end = () => {
      underWay -= 1
      request.work = NO_WORK
    }
    underWay += 1
    const work: Work = {
      receivesBody() {
        end()
        const since = performance.now()
        const hasBody = () => {
          underWay += 1
          began += performance.now() - since
          request.work = work
        }
        request.work = { ...NO_WORK, hasBody }
      },
      hasBody: nothing,
      onlyWaits() {
        bound.ended(performance.now() - began)
        end()
      },
      wasHeldUp: end,
    }
    request.work = work
  })
  // Clients that send slowly would have others refused.
  server.addHook('preParsing', async ({ work }) => work.receivesBody())
  server.addHook('preValidation', async ({ work }) => work.hasBody())
  // A request that was refused before it came to the hook above has none.
  server.addHook('onResponse', async ({ work = NO_WORK }) => work.onlyWaits())
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

/** Whether this thread has used up its processor since it was asked last. */
function createBusyWatch(): () => boolean {
  const usedMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let before = { usedMs: usedMs(), at: performance.now() }
  return () => {
    const now = { usedMs: usedMs(), at: performance.now() }
    const share = (now.usedMs - before.usedMs) / (now.at - before.at)
    before = now
    return share >= LOAD_SHEDDING.busyShare
  }
}
