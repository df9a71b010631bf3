import pino from 'pino'
import {
  createExchangeKeeper,
  type ExchangeKeeper,
} from '../../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt, keepingExchanges } from '../../../../src/activities/dossier/exchange-scope.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import type { ExchangeAttempt } from '../../../../src/store/dossier/keep-exchanges.ts'
import { type Exchange, listExchanges, loadBodies } from '../../../../src/store/dossier/list-exchanges.ts'
import { startRun } from '../../../store/support/samples.ts'

/** The highest step that the store can have. */
const LAST_STEP = 2_147_483_647

/** A kept exchange with its bodies. */
export interface WholeExchange extends Exchange {
  readonly request: string | null
  readonly answer: Buffer | null
}

/** All that is kept of a run's requests, in order. */
export async function exchangesOf(
  database: Database,
  { tenant, runId }: Pick<RunIdentity, 'tenant' | 'runId'>,
): Promise<readonly WholeExchange[]> {
  const range = { tenant, runId, first: 0, last: LAST_STEP }
  const exchanges = await listExchanges(database, range)
  const bodies = await loadBodies(
    database,
    range,
    exchanges.map(({ id }) => id),
  )
  return exchanges.map((exchange) => ({
    ...exchange,
    ...(bodies.get(exchange.id) ?? { request: null, answer: null }),
  }))
}

/** A run whose requests are kept, as activities keep them. */
export interface KeptRun {
  readonly run: RunIdentity
  readonly keeper: ExchangeKeeper
  /** Does the work of the first attempt of a step, with whatever comes of it. */
  attempt<T>(step: number, work: () => Promise<T>, purpose?: ExchangeAttempt['purpose']): Promise<T>
  /** What is kept, once all of it is written. */
  exchanges(): Promise<readonly WholeExchange[]>
}

export async function keepRun(database: Database, keeper = silentKeeper(database)): Promise<KeptRun> {
  const run = await startRun(database)
  return {
    run,
    keeper,
    attempt: (step, work, purpose = 'answer') =>
      keepingExchanges(keeper, () =>
        forAttempt({ runId: run.runId, step, hop: 0, attempt: step, purpose }, work),
      ),
    async exchanges() {
      await keeper.close()
      return exchangesOf(database, run)
    },
  }
}

function silentKeeper(database: Database): ExchangeKeeper {
  return createExchangeKeeper({ database, logger: pino({ level: 'silent' }), worker: 'worker' })
}
