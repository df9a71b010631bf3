import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createLruMap } from '../../contracts/lru-map.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import type { Database } from '../../store/database/database.ts'
import { isOutage } from '../../store/database/outage.ts'
import { keepExchanges, type NewPart } from '../../store/dossier/keep-exchanges.ts'
import { partsOf, type Rope, readRope } from '../../store/dossier/rope.ts'
import { outsideActivities } from '../../telemetry/activity-scope.ts'
import { type PreparedExchange, prepareExchange } from './prepare-exchange.ts'
import { asItIs, type RecordedExchange, withoutAnswer } from './recorded-exchange.ts'

/** Writes down what has gone over the wire. No function throws. What cannot be written costs a line in the log. */
export interface ExchangeKeeper {
  /** Takes an exchange that has begun, without waiting: its request is written while the answer comes, should that take a while. */
  begin(exchange: RecordedExchange): void
  /** Takes exchanges that have begun and that nobody goes on with, without waiting. */
  keep(exchanges: readonly RecordedExchange[]): void
  /** Resolves when all that was given is written. */
  close(): Promise<void>
}

interface KeeperParts {
  readonly database: Database
  readonly logger: Pick<Logger, 'warn'>
  /** The id of this process. */
  readonly worker: string
}

/** What is to be written of an exchange. */
interface Waiting {
  readonly exchange: RecordedExchange
  readonly isOver: boolean
}

type KeeperPolicy = Readonly<Record<'waitingBytes' | 'underWayAfterMs' | 'againAfterMs', number>>

/**
 * Writes exchanges with one statement at a time: those that come meanwhile wait, and go together in the next one. So the dossier takes at
 * most one connection of the process, and under load less than a statement an attempt. While the store is away, they wait for it.
 */
export function createExchangeKeeper(
  { database, logger, worker }: KeeperParts,
  { waitingBytes, underWayAfterMs, againAfterMs }: KeeperPolicy = DOSSIER,
): ExchangeKeeper {
  /** Parts that are stored, by run and name. */
  const known = createLruMap<string, true>(DOSSIER.knownParts)
  /** Those whose end is still to be written. */
  const begun = new Map<RecordedExchange, NodeJS.Timeout>()
  /** Ids of exchanges that are under way, and whose request is stored. */
  const requestsKept = new Set<string>()
  /** By the exchange's id: what is newer takes the place of what has not been written yet. */
  const waiting = new Map<string, Waiting>()
  const closing = new AbortController()
  let heldBytes = 0
  let writing: Promise<void> | null = null

  /** @returns false where there is no room */
  function add(waits: Waiting): boolean {
    const { id } = waits.exchange
    const older = waiting.get(id)
    const grownBytes = bytesOf(waits) - (older === undefined ? 0 : bytesOf(older))
    if (heldBytes + grownBytes > waitingBytes) return false
    heldBytes += grownBytes
    waiting.set(id, waits)
    return true
  }

  function take(): Waiting[] {
    const batch = [...waiting.values()].slice(0, DOSSIER.batch)
    for (const waits of batch) {
      waiting.delete(waits.exchange.id)
      heldBytes -= bytesOf(waits)
    }
    return batch
  }

  /** Outside of the activity that has given the cause: a statement has exchanges of many runs. */
  function beginWriting(): void {
    writing ??= outsideActivities(writeAll)
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = take()
      await write(batch).catch((error: unknown) => writeAgain(batch, error))
    }
    writing = null
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const prepared = await Promise.all(
      batch.map(({ exchange, isOver }) =>
        prepareExchange(exchange, { worker, isOver, isRequestKept: requestsKept.has(exchange.id) }),
      ),
    )
    const parts = prepared.flatMap(newParts)
    await keepExchanges(
      database,
      prepared.map(({ exchange }) => exchange),
      [...new Map(parts.map((part) => [keyOf(part), part])).values()],
    )
    for (const part of parts) known.set(keyOf(part), true)
    for (const { exchange, isOver } of batch)
      if (isOver) requestsKept.delete(exchange.id)
      else requestsKept.add(exchange.id)
  }

  /** A statement whose answer was lost may have been carried out: writing the same exchange again changes nothing. */
  async function writeAgain(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (isOutage(error) && !closing.signal.aborted) {
      for (const waits of batch) if (!waiting.has(waits.exchange.id) && !add(waits)) notKept(NO_ROOM, [waits])
      await pause()
    } else if (isOutage(error) || batch.length === 1) {
      notKept(error, batch)
    } else {
      // One that the store refuses must not take the others with it.
      for (const one of batch) await write([one]).catch((err: unknown) => writeAgain([one], err))
    }
  }

  /** Ends early when the keeper is closed. */
  async function pause(): Promise<void> {
    await sleep(againAfterMs, undefined, { signal: closing.signal }).catch(() => undefined)
  }

  /** The parts that are not known to be stored. What is in a known part is stored with it. */
  function newParts({ exchange: { runId, request }, cut }: PreparedExchange): NewPart[] {
    const found = new Map<string, NewPart>()
    const look = (rope: Rope) => {
      for (const sha256 of partsOf(rope)) {
        const part = cut?.parts.get(sha256)
        if (part === undefined || found.has(sha256) || known.get(keyOf({ runId, sha256 }))) continue
        if (part.isRope) look(readRope(part.body))
        found.set(sha256, { runId, sha256, ...part })
      }
    }
    look(request ?? [])
    return [...found.values()]
  }

  function notKept(err: unknown, lost: readonly Waiting[]): void {
    for (const { exchange } of lost) requestsKept.delete(exchange.id)
    logger.warn(
      { err, runIds: lost.map(({ exchange }) => exchange.attempt.runId) },
      'exchanges with providers not kept',
    )
  }

  return {
    begin(exchange) {
      const timer = setTimeout(() => {
        const isOver = exchange.endMs !== null
        // Where there is no room, its activity's end asks for room again.
        if (!add({ exchange: isOver ? asItIs(exchange) : withoutAnswer(exchange), isOver })) return
        if (isOver) begun.delete(exchange)
        beginWriting()
      }, underWayAfterMs)
      begun.set(exchange, timer.unref())
    },
    keep(exchanges) {
      for (const exchange of exchanges) {
        const timer = begun.get(exchange)
        if (timer === undefined) continue
        clearTimeout(timer)
        begun.delete(exchange)
        const waits = { exchange: asItIs(exchange), isOver: true }
        if (!add(waits)) notKept(NO_ROOM, [waits])
      }
      if (waiting.size > 0) beginWriting()
    },
    async close() {
      closing.abort()
      await writing
    },
  }
}

const NO_ROOM = new Error('too much waits to be written')

const keyOf = ({ runId, sha256 }: Pick<NewPart, 'runId' | 'sha256'>) => `${runId} ${sha256}`

function bytesOf({ exchange: { body, keptBytes } }: Waiting): number {
  return (body?.length ?? 0) + keptBytes
}
