import type { AppDb } from 'holdfast'

export interface Refund {
  readonly cents: number
  readonly key: string
}

/** What a run has paid back. */
export function refundsOf(db: AppDb, runId: string): Promise<Refund[]> {
  return db.query<Refund>({
    text: 'select amount_cents as cents, call_key as key from shop_refunds where run_id = $1',
    values: [runId],
  })
}
