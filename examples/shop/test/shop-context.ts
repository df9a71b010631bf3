import type { AppDatabase, AppDb, ToolContext } from 'holdfast'
import { createToolContext } from 'holdfast/testing'
import shop from '../app.ts'

type Tool = NonNullable<ReturnType<typeof shop.tool>>

export interface CallOptions {
  readonly principal?: string
  readonly tenant?: string
  readonly callKey?: string
}

/** A call on behalf of the demonstration's customer, unless it says otherwise. */
export function contextOf(db: AppDatabase, { principal = 'local', ...call }: CallOptions = {}): ToolContext {
  return createToolContext({ db, as: principal, ...call })
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

/** The shop's tools that have a handler. */
export const TOOLS = Object.fromEntries(NAMES.map((name) => [name, requireTool(name)])) as Readonly<
  Record<(typeof NAMES)[number], ReturnType<typeof requireTool>>
>

function requireTool(name: string): Tool & Required<Pick<Tool, 'execute'>> {
  const tool = shop.tool(name)
  if (tool?.execute === undefined) throw new Error(`The shop has no tool ${name}.`)
  return { ...tool, execute: tool.execute }
}

/** The one number that a query counts. */
export async function countOf(db: AppDb, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    text: `select count(*)::integer as count from ${text}`,
    values,
  })
  return row?.count ?? Number.NaN
}
