import { HTTP } from '../../policies/api.ts'
import type { Values } from './statement.ts'

/** The beginning of a list, and whether there is more of it. */
export interface Listed<Row> {
  readonly rows: readonly Row[]
  readonly hasMore: boolean
}

/** What {@link boundedByBytes} adds to each row. */
export interface Bounded {
  /** How many rows the page would have with rows of any size, one more than asked for included. */
  readonly found: number
}

/**
 * A list's statement whose rows have at most `HTTP.pageBytes` together, and at least one row: rows may be of megabytes, and
 * a page of them would fill the memory of store and API.
 *
 * @param select columns of the answer, of the table that `from` names
 * @param tail conditions, order and `limit :limit`, where the limit is one more than the page has
 */
export function boundedByBytes(list: {
  readonly select: string
  readonly from: string
  /** What has the rows, where that is only some of the table's: a query. */
  readonly source?: string
  /** Bytes of a row, as far as they are worth counting. */
  readonly bytes: string
  readonly order: string
  readonly where: string
}): string {
  const { select, from, source = from, bytes, order, where } = list
  return `
  with page as (
    select ${from}.*, sum(${bytes}) over (order by ${order} rows between unbounded preceding and 1 preceding) as bytes_before
    from ${source} where ${where} order by ${order} limit :limit
  )
  select ${select}, (select count(*)::integer from page) as found
  from page where coalesce(bytes_before, 0) < ${HTTP.pageBytes} order by ${order}`
}

/** The page of rows that {@link boundedByBytes} has found. */
export function toListed<Row extends Bounded>(
  rows: readonly Row[],
  limit: number,
): Listed<Omit<Row, 'found'>> {
  const shown = rows.slice(0, limit).map(({ found: _, ...row }) => row)
  return { rows: shown, hasMore: (rows[0]?.found ?? 0) > shown.length }
}

/** Conditions in named parameters, and their values. */
export interface Filter {
  readonly conditions: readonly string[]
  readonly values: Values
}

/**
 * Conditions, order and values of a list of rows, newest first, that are older than `before`.
 *
 * Takes `:before_time`, `:before_id`, and the parameters of the filters.
 */
export function newestFirst(page: {
  readonly timeColumn: string
  readonly filters: readonly Filter[]
  readonly before: readonly [time: string, id: string] | undefined
}): { readonly where: string; readonly order: string; readonly values: Values } {
  const { timeColumn, filters, before } = page
  const conditions = [
    ...filters.flatMap(({ conditions }) => conditions),
    ...(before ? [`(${timeColumn}, id) < (:before_time::timestamptz, :before_id)`] : []),
  ]
  const values: Values = Object.assign(
    {},
    ...filters.map((filter) => filter.values),
    before && { before_time: before[0], before_id: before[1] },
  )
  return { where: conditions.join(' and '), order: `${timeColumn} desc, id desc`, values }
}

/** `column = :column` for each column that has a value; a column without one does not filter. */
export function equalTo(columns: Readonly<Record<string, string | number | undefined>>): Filter {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  return {
    conditions: given.map(([column]) => `${column} = :${column}`),
    values: Object.fromEntries(given),
  }
}
