import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { RunId } from '../../contracts/runs/run.ts'
import { STREAMING } from '../../policies/models/streaming.ts'
import type { Database } from '../../store/database/database.ts'
import {
  parseReaderNotice,
  READER_CHANNEL,
  type ReaderNotice,
  tellReaders,
} from '../../store/record/reader-notices.ts'

/** Tells the workers which runs have readers in this process. */
export interface ReaderAnnouncer {
  /** A reader has come who has none of the text so far. */
  announce(runId: RunId): void
  /** The last reader of the run has left. */
  withdraw(runId: RunId): void
  close(): Promise<void>
}

/**
 * A notice that is lost is made good by the next round of `still`; when the process is killed the rounds end. Without readers it sends
 * nothing.
 */
export async function openReaderAnnouncer(
  database: Database,
  logger: Pick<Logger, 'debug'>,
  renewEveryMs: number = STREAMING.renewEveryMs,
): Promise<ReaderAnnouncer> {
  const api = randomBytes(6).toString('hex')
  const runs = new Set<RunId>()

  let waiting: ReaderNotice[] = []
  let sending: Promise<void> | null = null

  /** One statement at a time: on several connections a coming and a leaving could change places. */
  function tell(notices: readonly ReaderNotice[]): void {
    if (notices.length === 0) return
    waiting.push(...notices)
    sending ??= sendWaiting()
  }

  async function sendWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const notices = waiting
      waiting = []
      await tellReaders(database, notices).catch((err: unknown) =>
        logger.debug({ err }, 'readers not announced'),
      )
    }
    sending = null
  }

  function renew(): void {
    const all = [...runs]
    const notices: ReaderNotice[] = []
    for (let at = 0; at < all.length; at += STREAMING.runsOfNotice) {
      notices.push({ kind: 'still', api, runs: all.slice(at, at + STREAMING.runsOfNotice) })
    }
    tell(notices)
  }

  const stop = await database.listen(
    READER_CHANNEL,
    (payload) => {
      if (parseReaderNotice(payload)?.kind === 'ask') renew()
    },
    renew,
  )
  const renewing = setInterval(renew, renewEveryMs).unref()

  return {
    announce(runId) {
      runs.add(runId)
      tell([{ kind: 'new', api, runs: [runId] }])
    },
    withdraw(runId) {
      if (runs.delete(runId)) tell([{ kind: 'gone', api, runs: [runId] }])
    },
    async close() {
      clearInterval(renewing)
      await sending
      await stop()
    },
  }
}
