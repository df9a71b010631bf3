import type { Listed } from '../../../store/database/page.ts'

/** A page of a list, as answers have it. `next` is the cursor of the page that follows, where there is one. */
export interface Page<T> {
  readonly object: 'list'
  readonly data: T[]
  readonly has_more: boolean
  readonly next: string | null
}

/** A list that is short enough to be given as a whole. */
export function onOnePage<T>(data: T[]): Page<T> {
  return { object: 'list', data, has_more: false, next: null }
}

/** The first `limit` of the rows, of which one more than that was asked for. */
export function firstOf<Row>(rows: readonly Row[], limit: number): Listed<Row> {
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}

export function toPage<Row, T>(
  { rows, hasMore }: Listed<Row>,
  toResource: (row: Row) => T,
  cursorOf: (row: Row) => string,
): Page<T> {
  const last = rows.at(-1)
  return {
    object: 'list',
    data: rows.map(toResource),
    has_more: hasMore,
    next: hasMore && last !== undefined ? cursorOf(last) : null,
  }
}
