import { AsyncLocalStorage } from 'node:async_hooks'
import type { ExchangeAttempt } from '../../store/dossier/keep-exchanges.ts'
import type { ExchangeKeeper } from './exchange-keeper.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

interface Scope {
  readonly exchanges: RecordedExchange[]
  /** What requests are made for now; null: nothing that is in the books. */
  readonly attempt: ExchangeAttempt | null
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
    return await scopes.run({ exchanges, attempt: null }, work)
  } finally {
    keeper.keep(exchanges)
  }
}

/** Does work whose requests to providers are made for a booked attempt. Requests outside of any, such as counts of tokens, are not kept. */
export function forAttempt<T>(attempt: ExchangeAttempt, work: () => Promise<T>): Promise<T> {
  const scope = scopes.getStore()
  return scope === undefined ? work() : scopes.run({ ...scope, attempt }, work)
}

/** Where the request that is made now is recorded; null where it is not. */
export function recordingScope(): { exchanges: RecordedExchange[]; attempt: ExchangeAttempt } | null {
  const scope = scopes.getStore()
  return scope === undefined || scope.attempt === null
    ? null
    : { exchanges: scope.exchanges, attempt: scope.attempt }
}
