import { AsyncLocalStorage } from 'node:async_hooks'
import type { ExchangeAttempt } from '../../store/dossier/keep-exchanges.ts'
import type { ExchangeKeeper } from './exchange-keeper.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

interface Scope {
  readonly keeper: ExchangeKeeper
  readonly exchanges: RecordedExchange[]
  /** What requests are made for now; null: nothing that is in the books. */
  readonly attempt: ExchangeAttempt | null
  /** Files that its requests contain: base64 by id. */
  readonly files?: ReadonlyMap<string, string> | undefined
}

const scopes = new AsyncLocalStorage<Scope>()

/**
 * Does an activity's work, and gives the requests that it has made to `keeper` afterwards: the answers are stored by then, and the
 * activity does not wait for the dossier.
 *
 * @param keeper absent: nothing is recorded
 */
export async function keepingExchanges<T>(
  keeper: ExchangeKeeper | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (keeper === undefined) return work()
  const exchanges: RecordedExchange[] = []
  try {
    return await scopes.run({ keeper, exchanges, attempt: null }, work)
  } finally {
    keeper.keep(exchanges)
  }
}

/** Does work whose requests to providers are made for a booked attempt. Requests outside of any, such as counts of tokens, are not kept. */
export function forAttempt<T>(attempt: ExchangeAttempt, work: () => Promise<T>): Promise<T> {
  const scope = scopes.getStore()
  return scope === undefined ? work() : scopes.run({ ...scope, attempt }, work)
}

/** Does work whose requests contain files: they are recorded with references in the place of what the store has already. */
export function withFiles<T>(
  files: ReadonlyMap<string, string> | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const scope = scopes.getStore()
  return scope === undefined || files === undefined ? work() : scopes.run({ ...scope, files }, work)
}

/** Where the request that is made now is recorded. */
export interface Recording {
  readonly attempt: ExchangeAttempt
  /** The body of a request with references in the place of files. */
  refer(body: string): string
  begin(exchange: RecordedExchange): void
}

/** null where the request is not recorded. */
export function recordingScope(): Recording | null {
  const scope = scopes.getStore()
  if (scope === undefined || scope.attempt === null) return null
  const { keeper, exchanges, attempt, files = [] } = scope
  return {
    attempt,
    refer: (body) =>
      [...files].reduce((text, [id, base64]) => text.replaceAll(base64, `holdfast:${id}`), body),
    begin(exchange) {
      exchanges.push(exchange)
      keeper.begin(exchange)
    },
  }
}

/** Notes that the answer that is being read has come to its end by its wire's own mark, whatever becomes of its connection. */
export function noteWholeAnswer(): void {
  const scope = scopes.getStore()
  const exchange = scope?.exchanges.findLast(({ attempt }) => attempt === scope.attempt)
  if (exchange !== undefined) exchange.isWhole = true
}
