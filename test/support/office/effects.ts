import type { Database } from '../../../src/store/database/database.ts'

/** A change that a call has made. */
interface Effect {
  readonly key: string
  /** How often the tool was called for it. */
  readonly times: number
}

export interface Payment extends Effect {
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly to: string
  readonly cents: number
}

/** What a run has paid. */
export function paymentsOf(database: Database, runId: string): Promise<Payment[]> {
  return database.query<Payment>({
    text: `
      select call_key as key, times, tenant, principal, groups, recipient as "to", cents
      from office_payments where run_id = $1 order by call_key`,
    values: [runId],
  })
}

/** The notes that a run has taken. */
export function notesOf(database: Database, runId: string): Promise<Effect[]> {
  return database.query<Effect>({
    text: 'select call_key as key, times from office_notes where run_id = $1 order by call_key',
    values: [runId],
  })
}
