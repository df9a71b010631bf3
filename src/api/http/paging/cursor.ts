import { Problem } from '../problems/problem.ts'

/** The last row of a page. Lists are newest first, so the next page has older rows. */
export interface Place {
  readonly createdAt: string
  readonly id: string
}

const TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/

export function encodeCursor({ createdAt, id }: Place): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url')
}

/**
 * @param kind prefix of the list's ids, so that another list's cursor is refused
 * @throws Problem invalid_cursor for anything that {@link encodeCursor} does not make
 */
export function decodeCursor<P extends string>(kind: P, cursor: string): Place & { id: `${P}_${string}` } {
  const [createdAt = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const fits = isTime(createdAt) && new RegExp(`^${kind}_\\w{26,100}$`).test(id) && rest.length === 0
  if (!fits || encodeCursor({ createdAt, id }) !== cursor) throw new Problem('invalid_cursor')
  return { createdAt, id: id as `${P}_${string}` }
}

/** `Date.parse` takes 30 February for 2 March, and Postgres refuses it: only a time that comes out as it went in is one. */
function isTime(text: string): boolean {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19)
}
