import type { Logger } from 'pino'
import type { RunId } from '../../contracts/runs/run.ts'
import { STREAMING } from '../../policies/models/streaming.ts'
import type { Database } from '../../store/database/database.ts'
import { parseReaderNotice, READER_CHANNEL, tellReaders } from '../../store/record/reader-notices.ts'

/** Which runs have readers of text on its way, as the APIs say. */
export interface RunReaders {
  areThere(runId: RunId): boolean
  /** Calls back when a reader comes who has none of the text so far. Returns the function that ends it. */
  watch(runId: RunId, onNew: () => void): () => void
}

/** For a worker whose texts nobody is told of. */
export const NO_READERS: RunReaders = { areThere: () => false, watch: () => () => undefined }

export interface ListeningRunReaders extends RunReaders {
  /** Begins to listen. Until then nobody is there. */
  listen(): Promise<void>
  close(): Promise<void>
}

interface Options {
  readonly goneAfterMs?: number
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/**
 * Listens to the APIs' notices. Between them nothing is asked of the store, so a call without readers costs it nothing. An API that has
 * said nothing for a while has no readers: it may have been killed.
 */
export function createRunReaders(
  database: Database,
  logger: Pick<Logger, 'debug'>,
  { goneAfterMs = STREAMING.readersGoneMs, now = () => performance.now() }: Options = {},
): ListeningRunReaders {
  /** When each API last spoke of the run. */
  const heard = new Map<RunId, Map<string, number>>()
  const watchers = new Map<RunId, Set<() => void>>()

  function isThere(apis: Map<string, number> | undefined): boolean {
    return [...(apis?.values() ?? [])].some((at) => now() - at < goneAfterMs)
  }

  function hear(runId: RunId, api: string, isNew: boolean): void {
    const apis = heard.get(runId) ?? new Map<string, number>()
    const hadReaders = isThere(apis)
    heard.set(runId, apis.set(api, now()))
    if (isNew || !hadReaders) for (const onNew of watchers.get(runId) ?? []) onNew()
  }

  function forget(runId: RunId, api: string): void {
    const apis = heard.get(runId)
    apis?.delete(api)
    if (apis?.size === 0) heard.delete(runId)
  }

  function ask(): void {
    tellReaders(database, [{ kind: 'ask' }]).catch((err: unknown) =>
      logger.debug({ err }, 'readers not asked for'),
    )
  }

  function take(payload: string): void {
    const notice = parseReaderNotice(payload)
    if (notice === null || notice.kind === 'ask') return
    for (const run of notice.runs) {
      if (notice.kind === 'gone') forget(run, notice.api)
      else hear(run, notice.api, notice.kind === 'new')
    }
  }

  let stop = async (): Promise<void> => undefined
  // Also forgets runs of APIs that were killed, which say nothing more.
  const sweeping = setInterval(() => {
    for (const [run, apis] of heard) if (!isThere(apis)) heard.delete(run)
  }, goneAfterMs).unref()

  return {
    async listen() {
      stop = await database.listen(READER_CHANNEL, take, ask)
      ask()
    },
    areThere: (runId) => isThere(heard.get(runId)),
    watch(runId, onNew) {
      const group = watchers.get(runId) ?? new Set()
      watchers.set(runId, group.add(onNew))
      return () => {
        group.delete(onNew)
        if (group.size === 0 && watchers.get(runId) === group) watchers.delete(runId)
      }
    },
    async close() {
      clearInterval(sweeping)
      await stop()
    },
  }
}
