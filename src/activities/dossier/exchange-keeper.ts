import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import type { Logger } from 'pino'
import { createLruMap } from '../../contracts/lru-map.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import type { Database } from '../../store/database/database.ts'
import { isOutage } from '../../store/database/outage.ts'
import { type CutRequest, cutRequest } from '../../store/dossier/cut-request.ts'
import { keepExchanges, type NewExchange, type NewPart } from '../../store/dossier/keep-exchanges.ts'
import { partsOf, type Rope, readRope } from '../../store/dossier/rope.ts'
import { maskCredentials } from './credentials.ts'
import { keptAnswerHeaders, keptRequestHeaders, keptUrl } from './kept-headers.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

/** Writes down what has gone over the wire. */
export interface ExchangeKeeper {
  /** Never throws and never waits. What cannot be written costs a line in the log. */
  keep(exchanges: readonly RecordedExchange[]): void
  /** Resolves when all that was given is written. */
  close(): Promise<void>
}

interface Prepared {
  readonly exchange: NewExchange
  readonly cut: CutRequest | null
}

const inAnotherThread = promisify(gzip)

/**
 * Writes exchanges with one statement at a time: those that come meanwhile wait, and go together in the next one. So the dossier takes at
 * most one connection of the process, and under load less than a statement an attempt.
 */
export function createExchangeKeeper(
  database: Database,
  logger: Pick<Logger, 'warn'>,
  { waitingBytes }: Pick<typeof DOSSIER, 'waitingBytes'> = DOSSIER,
): ExchangeKeeper {
  /** Parts that are stored, by run and name. */
  const known = createLruMap<string, true>(DOSSIER.knownParts)
  const waiting: RecordedExchange[] = []
  let heldBytes = 0
  let writing: Promise<void> | null = null

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, DOSSIER.batch)
      heldBytes -= batch.reduce((sum, exchange) => sum + bytesOf(exchange), 0)
      await write(batch).catch(async (error: unknown) => {
        if (batch.length === 1 || isOutage(error)) return notKept(error, batch)
        // One that the store refuses must not take the others with it.
        for (const one of batch) await write([one]).catch((err: unknown) => notKept(err, [one]))
      })
    }
    writing = null
  }

  async function write(batch: readonly RecordedExchange[]): Promise<void> {
    const prepared = await Promise.all(batch.map(prepare))
    const parts = prepared.flatMap(newParts)
    await keepExchanges(
      database,
      prepared.map(({ exchange }) => exchange),
      [...new Map(parts.map((part) => [keyOf(part), part])).values()],
    )
    for (const part of parts) known.set(keyOf(part), true)
  }

  /** The parts that are not known to be stored. What is in a known part is stored with it. */
  function newParts({ exchange: { runId, request }, cut }: Prepared): NewPart[] {
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

  function notKept(err: unknown, exchanges: readonly RecordedExchange[]): void {
    logger.warn(
      { err, runIds: exchanges.map(({ attempt }) => attempt.runId) },
      'exchanges with providers not kept',
    )
  }

  return {
    keep(exchanges) {
      for (const exchange of exchanges) {
        if (heldBytes + bytesOf(exchange) > waitingBytes) {
          notKept(new Error('too much waits to be written'), [exchange])
          continue
        }
        heldBytes += bytesOf(exchange)
        // An answer that still comes, of a call that is stopped, is as it is now.
        waiting.push({ ...exchange, chunks: [...exchange.chunks] })
      }
      if (waiting.length > 0) writing ??= writeAll()
    },
    async close() {
      await writing
    },
  }
}

const keyOf = ({ runId, sha256 }: Pick<NewPart, 'runId' | 'sha256'>) => `${runId} ${sha256}`

function bytesOf({ body, keptBytes }: RecordedExchange): number {
  return (body?.length ?? 0) + keptBytes
}

async function prepare(exchange: RecordedExchange): Promise<Prepared> {
  const { attempt, body, requestHeaders, status, headMs, firstByteMs, beganAtMs } = exchange
  const most = status !== null && status >= 400 ? DOSSIER.errorBytes : DOSSIER.answerBytes
  const answer = maskCredentials(Buffer.concat(exchange.chunks), requestHeaders).subarray(0, most)
  const requestBytes = Buffer.byteLength(body ?? '')
  const cut =
    body !== null && requestBytes <= DOSSIER.requestBytes && isStorable(body) ? cutRequest(body) : null
  return {
    cut,
    exchange: {
      ...attempt,
      method: exchange.method,
      url: keptUrl(exchange.url),
      requestHeaders: keptRequestHeaders(requestHeaders),
      requestBytes,
      request: cut?.rope ?? null,
      status,
      answerHeaders: keptAnswerHeaders(exchange.answerHeaders, requestHeaders),
      answer: answer.length > 0 ? await compress(answer) : null,
      answerKeptBytes: answer.length,
      answerBytes: exchange.answerBytes,
      isWhole: exchange.isWhole,
      beganAt: new Date(beganAtMs).toISOString(),
      headMs,
      firstByteMs,
      tookMs: exchange.endMs ?? Math.max(Date.now() - beganAtMs, firstByteMs ?? 0),
    },
  }
}

async function compress(answer: Buffer): Promise<Buffer> {
  const options = { level: DOSSIER.gzipLevel }
  return answer.length <= DOSSIER.gzipAtOnceBytes
    ? gzipSync(answer, options)
    : inAnotherThread(answer, options)
}

/** `JSON.stringify` writes neither of the two that Postgres cannot store, and that would come back as another text. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
