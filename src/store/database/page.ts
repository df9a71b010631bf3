type Value = string | number | readonly string[]

/** Further conditions; `parameter` takes a value and returns its `$n`. */
export type Where = (parameter: (value: Value) => string) => readonly string[]

/** The end of a list's statement and its values: the `limit` newest rows that are older than `before`. */
export function newestFirst(page: {
  readonly timeColumn: string
  /** Column and value; a pair without a value does not filter. */
  readonly equal: readonly (readonly [column: string, value: string | undefined])[]
  readonly where?: Where | undefined
  readonly before: readonly [time: string, id: string] | undefined
  readonly limit: number
}): { tail: string; values: Value[] } {
  const values: Value[] = []
  const parameter = (value: Value) => `$${values.push(value)}`
  const conditions = page.equal.flatMap(([column, value]) =>
    value === undefined ? [] : [`${column} = ${parameter(value)}`],
  )
  conditions.push(...(page.where?.(parameter) ?? []))
  if (page.before) {
    const [time, id] = page.before
    conditions.push(`(${page.timeColumn}, id) < (${parameter(time)}::timestamptz, ${parameter(id)})`)
  }
  const tail = `where ${conditions.join(' and ')} order by ${page.timeColumn} desc, id desc limit ${parameter(page.limit)}`
  return { tail, values }
}
