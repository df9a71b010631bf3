import { createExchangeKeeper } from '../../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt } from '../../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../../src/activities/dossier/recording-fetch.ts'
import { DOSSIER } from '../../../../src/policies/operations/dossier.ts'
import type { Database, Statement } from '../../../../src/store/database/database.ts'
import { statementFailed } from '../../../../src/store/database/outage.ts'

/* A keeper of exchanges over a store that is slow, away, or refuses, and requests whose exchanges it keeps. */

export const URL = 'http://provider.example/v1/responses'
export const request = (text: string) => ({ method: 'POST', body: JSON.stringify({ input: text }) })
export const fetchAnswer = recordingFetch(async () => new Response('data: an answer'))

/** Asks once for an attempt of this run, and reads the answer. */
export async function ask(runId: string, text = 'Hello', get = fetchAnswer): Promise<string> {
  const attempt = { runId: `run_${runId}`, step: 1, hop: 0, attempt: 1, purpose: 'answer' } as const
  return forAttempt(attempt, async () => (await get(URL, request(text))).text())
}

interface Kept {
  readonly runs: readonly string[]
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** Whether the end of each was known. */
  readonly ends: readonly boolean[]
}

interface Store {
  /** Statements that have a run of this name are refused. */
  readonly refuses?: string
  /** A statement is taken when the store is told to go on. */
  readonly waits?: boolean
  /** So many statements find the store away. */
  readonly away?: number
  readonly underWayAfterMs?: number
}

/** A keeper, with a database that says what it has been asked to keep. */
export function storeOf({ refuses = '', waits = false, away = 0, underWayAfterMs = 60_000 }: Store = {}) {
  const kept: Kept[] = []
  let isAwayFor = away
  const wrote = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  if (!waits) go.resolve()
  const query = async ({ values = [] }: Statement) => {
    const facts = JSON.parse(String(values.find((value) => typeof value === 'string'))) as {
      readonly runId: string
      readonly id: string
      readonly tookMs: number | null
    }[]
    begun.resolve()
    await go.promise
    if (isAwayFor > 0) {
      isAwayFor -= 1
      throw statementFailed(Object.assign(new Error('connection lost'), { code: 'ECONNRESET' }))
    }
    if (facts.some(({ runId }) => runId === `run_${refuses}`)) throw new Error('refused')
    kept.push({
      runs: facts.map(({ runId }) => runId.slice(4)),
      parts: values[3] as string[],
      ids: facts.map(({ id }) => id),
      ends: facts.map(({ tookMs }) => tookMs !== null),
    })
    wrote.resolve()
    return []
  }
  const logged: { readonly err?: Error; readonly runIds?: readonly string[] }[] = []
  const keeper = createExchangeKeeper(
    {
      database: { query } as unknown as Database,
      logger: { warn: (line: object) => void logged.push(line) } as never,
      worker: 'worker',
    },
    { waitingBytes: DOSSIER.waitingBytes, underWayAfterMs, againAfterMs: 1 },
  )
  return { keeper, kept, logged, begun: begun.promise, wrote: wrote.promise, go: () => go.resolve() }
}
