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

/**
 * @param rows the page's rows and, where there are more, the next one: asking for `limit + 1` rows saves a count
 */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  toResource: (row: Row) => T,
  cursorOf: (row: Row) => string,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit
  return {
    object: 'list',
    data: shown.map(toResource),
    has_more: hasMore,
    next: hasMore && last !== undefined ? cursorOf(last) : null,
  }
}
