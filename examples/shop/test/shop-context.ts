import { randomUUID } from 'node:crypto'
import pino from 'pino'
import type { Tool, ToolContext } from '../../../src/app/tool.ts'
import { toAppDatabase } from '../../../src/store/database/app-database.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { NO_OUTSIDE } from '../../../test/support/test-app.ts'
import shop from '../app.ts'

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
    caller: { tenant, principal, groups: [] },
    runId: 'run_01test',
    callKey,
    db: toAppDatabase(db),
    ...NO_OUTSIDE,
    facts: {},
    approvedBy: [],
    signal: new AbortController().signal,
    heartbeat: () => undefined,
    logger: pino({ level: 'silent' }),
  }
}

const NAMES = [
  'list_orders',
  'get_order',
  'search_help',
  'read_article',
  'create_return',
  'issue_refund',
  'escalate_to_person',
] as const

/** The shop's tools that have a handler, as the activities see them. */
export const TOOLS = Object.fromEntries(NAMES.map((name) => [name, requireTool(name)])) as Readonly<
  Record<(typeof NAMES)[number], ReturnType<typeof requireTool>>
>

function requireTool(name: string): Tool & Required<Pick<Tool, 'execute'>> {
  const tool = shop.tool(name)
  if (tool?.execute === undefined) throw new Error(`The shop has no tool ${name}.`)
  return { ...tool, execute: tool.execute }
}

/** The one number that a query counts. */
export async function countOf(db: Database, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    text: `select count(*)::integer as count from ${text}`,
    values,
  })
  return row?.count ?? Number.NaN
}
