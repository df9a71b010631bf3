import { randomUUID } from 'node:crypto'
import pino from 'pino'
import type { ToolContext } from '../../../src/activities/tools/define-tool.ts'
import type { Database } from '../../../src/store/database/database.ts'

export interface CallOptions {
  readonly principal?: string
  readonly tenant?: string
  readonly callKey?: string
}

/** A call as the worker would make it, on behalf of the demonstration's customer unless it says otherwise. */
export function contextOf(
  db: Database,
  { principal = 'local', tenant = 'default', callKey = randomUUID() }: CallOptions = {},
): ToolContext {
  return {
    run: { runId: 'run_01test', tenant, principal },
    callKey,
    db,
    facts: {},
    approvedBy: [],
    signal: new AbortController().signal,
    heartbeat: () => undefined,
    logger: pino({ level: 'silent' }),
  }
}

/** The one number that a query counts. */
export async function countOf(db: Database, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    text: `select count(*)::integer as count from ${text}`,
    values,
  })
  return row?.count ?? Number.NaN
}
