/** An amount of micro-USD in dollars: to the cent, or with as many places as a small amount needs. */
export function dollars(microUsd: number): string {
  const amount = Math.abs(microUsd)
  const places = amount === 0 || amount >= 1_000_000 ? 2 : amount >= 1_000 ? 4 : 6
  return `${microUsd < 0 ? '-' : ''}$${(amount / 1_000_000).toFixed(places)}`
}

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

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const LONG_DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' })

/** `2026-11-27` as `Friday 27 November 2026`. */
export function longDay(day: string): string {
  // What stands between the parts differs between versions of Node.
  const parts = LONG_DAY.formatToParts(Date.parse(day)).filter(({ type }) => type !== 'literal')
  return parts.map(({ value }) => value).join(' ')
}
