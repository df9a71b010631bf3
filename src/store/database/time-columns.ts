/** SQL: a point of time as milliseconds since 1970. */
export function epochMillisOf(time: string): string {
  return `round(extract(epoch from ${time}) * 1000)::float8`
}

/** SQL: an interval in milliseconds. */
export function millisOf(interval: string): string {
  return epochMillisOf(interval)
}
