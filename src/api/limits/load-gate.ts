import { getHeapStatistics } from 'node:v8'
import type { FastifyBaseLogger } from 'fastify'
import { ERROR_CODES } from '../../contracts/error-codes.ts'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import type { Database } from '../../store/database/database.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Refusal } from '../http/problems/problem.ts'
import { type Overload, overloadOf } from './overload.ts'
import { createWorkBound } from './work-bound.ts'

/** Which requests are refused before others: reads first, writes last. */
export type ShedOrder = 'first' | 'last'

/** A request's part in what the process has to do. Each function ends it; what comes after that counts for nothing. */
export interface Work {
  /** What is left of the request is waiting for something to happen. */
  onlyWaits(): void
  /** The request took as long as something that was away, and says nothing of what the process gets done. */
  wasHeldUp(): void
}

export const NO_WORK: Work = { onlyWaits: () => undefined, wasHeldUp: () => undefined }

/** Knows what the process has to do, and refuses what is more than it gets done. */
export interface LoadGate {
  /**
   * The refusal of one more request, which is told; null where it may come in.
   *
   * @param hasPlace false where its connection is one too many
   */
  refusalOf(order: ShedOrder, hasPlace?: boolean): Refusal | null
  /** A request has come in. */
  begin(order: ShedOrder): Work
  /** Learns from now on what the process gets done. @returns the function that ends it */
  learn(): () => void
}

interface Parts {
  readonly database: Pick<Database, 'connections'>
  readonly telemetry: Telemetry
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/** No error: the stack trace of one would be a tenth of what a refusal costs. */
const OVERLOADED = { code: 'overloaded', message: ERROR_CODES.overloaded.text } as const

export function createLoadGate({ database, telemetry, logger }: Parts): LoadGate {
  const bounds = {
    first: createWorkBound(LOAD_SHEDDING.first.work),
    last: createWorkBound(LOAD_SHEDDING.last.work),
  }
  const report = createReport(logger)
  let underWay = 0
  let heapShare = 0

  function overload(order: ShedOrder): Overload | null {
    const load = { underWay, waitingStatements: database.connections().waiting, heapShare }
    return overloadOf(load, LOAD_SHEDDING[order], bounds[order].now)
  }

  return {
    refusalOf(order, hasPlace = true) {
      const what = hasPlace ? overload(order) : 'connections'
      if (what === null) return null
      if (what === 'under_way') bounds[order].refused()
      telemetry.record({ type: 'request.shed', order, overload: what })
      report(what)
      const { least, most } = LOAD_SHEDDING.retryAfterSeconds
      const seconds = least + Math.floor(Math.random() * (most - least + 1))
      return { ...OVERLOADED, headers: { 'retry-after': String(seconds) } }
    },
    begin(order) {
      const beganAt = performance.now()
      let isOver = false
      const end = () => {
        if (!isOver) underWay -= 1
        isOver = true
      }
      underWay += 1
      return {
        onlyWaits() {
          if (!isOver) bounds[order].ended(beganAt, performance.now())
          end()
        },
        wasHeldUp: end,
      }
    },
    learn() {
      const sampling = setInterval(() => {
        const { used_heap_size, heap_size_limit } = getHeapStatistics()
        heapShare = used_heap_size / heap_size_limit
        for (const bound of Object.values(bounds)) bound.adjust(underWay, performance.now())
      }, LOAD_SHEDDING.sampleEveryMs)
      sampling.unref()
      return () => clearInterval(sampling)
    },
  }
}

/** Tells the log, once in a while, how many requests were refused. */
function createReport(logger: Parts['logger']): (overload: Overload) => void {
  let refused = 0
  let nextAt = 0
  return (overload) => {
    refused += 1
    const now = performance.now()
    if (now < nextAt) return
    logger.warn({ refused, overload }, 'too much to do: requests are refused')
    refused = 0
    nextAt = now + LOAD_SHEDDING.logEveryMs
  }
}
