import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import type { AppDatabase } from '../../app/app-database.ts'
import type { ToolContext } from '../../app/tool.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Person } from './person-keys.ts'

export interface ToolContextOptions {
  readonly db: AppDatabase
  /** Whom the call acts for; `tester` where it is not given. */
  readonly as?: Person
  /** `default` where it is not given. */
  readonly tenant?: string
  /** A new one where it is not given. Two contexts with one key are two tries of one call. */
  readonly callKey?: string
  readonly env?: unknown
  readonly services?: unknown
  readonly facts?: JsonObject
  readonly approvedBy?: readonly string[]
}

/** What a worker would give a tool's handler, for a test that calls the handler itself; see `openTestDatabase`. */
export function createToolContext({
  db,
  as = 'tester',
  tenant = 'default',
  callKey = randomUUID(),
  env = {},
  services = {},
  facts = {},
  approvedBy = [],
}: ToolContextOptions): ToolContext {
  const { principal, groups = [], scopes = [] } = typeof as === 'string' ? { principal: as } : as
  return {
    caller: { tenant, principal, groups, scopes },
    runId: 'run_01test',
    callKey,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    db,
    env,
    services,
    facts,
    approvedBy,
    signal: new AbortController().signal,
    heartbeat: () => undefined,
    logger: pino({ level: 'silent' }),
  }
}
