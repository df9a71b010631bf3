import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import * as named from './change-run.ts'

/*
 * The fragments of `change-run.ts` for statements that still number their parameters by hand: $1 run id, $2 tenant, $3 types and
 * $4 data of the events, and their own from $5 on. This file goes with the last of them (`database/statement.ts` says how).
 */

export type { NewEvent } from './change-run.ts'

const NUMBERS: Readonly<Record<string, string>> = {
  ':run_id': '$1',
  ':tenant': '$2',
  ':event_types': '$3',
  ':event_data': '$4',
}

function numbered(fragment: string): string {
  return fragment.replace(/:(?:run_id|tenant|event_types|event_data)\b/g, (name) => NUMBERS[name] ?? name)
}

export const OF_TENANT = numbered(named.OF_TENANT)
export const LOCK_RUN = numbered(named.LOCK_RUN)
export const TELL_EVENTS = numbered(named.ADD_EVENTS)
export const ANSWER = named.RESULT

export interface RunChange {
  readonly name: string
  readonly text: string
  readonly run: RunIdentity
  readonly events: readonly named.NewEvent[]
  /** From $5 on. */
  readonly values: readonly unknown[]
}

export async function changeRun(db: Db, change: RunChange): Promise<boolean> {
  return (await changeRunFor(db, change)).changed
}

/** The same for a statement that returns more columns. */
export async function changeRunFor<R extends object>(
  db: Db,
  { name, text, run, events, values }: RunChange,
): Promise<R & { readonly changed: boolean }> {
  const [row] = await db.query<R & { readonly changed: boolean }>({
    name,
    text,
    values: [
      run.runId,
      run.tenant,
      events.map((event) => event.type),
      storableJson(events.map((event) => event.data)),
      ...values,
    ],
  })
  if (row === undefined) throw named.noSuchRun(run.runId)
  return row
}
