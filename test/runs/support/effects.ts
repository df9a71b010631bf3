import type { Database } from '../../../src/store/database/database.ts'

export interface Refund {
  readonly cents: number
  readonly key: string
}

/** What a run has paid back: rows of the shop itself. */
export function refundsOf(database: Database, runId: string): Promise<Refund[]> {
  return database.query<Refund & object>({
    text: 'select amount_cents as cents, call_key as key from shop_refunds where run_id = $1',
    values: [runId],
  })
}

/** The tickets that a run has opened. */
export function ticketsOf(database: Database, runId: string): Promise<{ readonly key: string }[]> {
  return database.query({
    text: 'select call_key as key from shop_tickets where run_id = $1',
    values: [runId],
  })
}
