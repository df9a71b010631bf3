/** How much more or less an amount is than another one. */
export function change(now: number, before: number): string {
  if (now === before) return 'the same'
  if (before === 0) return 'new'
  const share = Math.round((now / before - 1) * 100)
  return `${share > 0 ? '+' : ''}${share} %`
}

export function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`
}

const LONG_DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' })

/** `2026-11-27` as `Friday 27 November 2026`. */
export function longDay(day: string): string {
  // What stands between the parts differs between versions of Node.
  const parts = LONG_DAY.formatToParts(Date.parse(day)).filter(({ type }) => type !== 'literal')
  return parts.map(({ value }) => value).join(' ')
}
