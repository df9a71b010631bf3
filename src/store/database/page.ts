import type { Values } from './statement.ts'

/** Conditions in named parameters, and their values. */
export interface Filter {
  readonly conditions: readonly string[]
  readonly values: Values
}

/**
 * The end of a list's statement, and its values: the `limit` newest rows that are older than `before`.
 *
 * Takes `:before_time`, `:before_id`, `:limit`, and the parameters of the filters.
 */
export function newestFirst(page: {
  readonly timeColumn: string
  readonly filters: readonly Filter[]
  readonly before: readonly [time: string, id: string] | undefined
  readonly limit: number
}): { readonly tail: string; readonly values: Values } {
  const { timeColumn, filters, before, limit } = page
  const conditions = [
    ...filters.flatMap(({ conditions }) => conditions),
    ...(before ? [`(${timeColumn}, id) < (:before_time::timestamptz, :before_id)`] : []),
  ]
  const tail = `where ${conditions.join(' and ')} order by ${timeColumn} desc, id desc limit :limit`
  const values: Values = Object.assign({}, ...filters.map((filter) => filter.values), {
    limit,
    ...(before && { before_time: before[0], before_id: before[1] }),
  })
  return { tail, values }
}

/** `column = :column` for each column that has a value; a column without one does not filter. */
export function equalTo(columns: Readonly<Record<string, string | undefined>>): Filter {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  return {
    conditions: given.map(([column]) => `${column} = :${column}`),
    values: Object.fromEntries(given),
  }
}
