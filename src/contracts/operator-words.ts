/* Amounts and counts as an operator reads them. */

/** An amount of micro-USD in dollars: to the cent, or with as many places as a small amount needs. */
export function dollars(microUsd: number): string {
  const amount = Math.abs(microUsd)
  const places = amount === 0 || amount >= 1_000_000 ? 2 : amount >= 1_000 ? 4 : 6
  return `${microUsd < 0 ? '-' : ''}$${(amount / 1_000_000).toFixed(places)}`
}

/** What was used of a limit of a budget, in its unit: a limit of cost is in micro-USD. */
export function usedOf({ limit, used, allowed }: LimitUsed): string {
  const say = limit === 'cost' ? dollars : number
  const amount = (value: unknown) => (typeof value === 'number' ? say(value) : '?')
  return `${amount(used)} of ${amount(allowed)}`
}

/** As events have it. */
interface LimitUsed {
  readonly limit?: unknown
  readonly used?: unknown
  readonly allowed?: unknown
}

/** `1204` as `1,204`. */
export function number(count: number): string {
  return count.toLocaleString('en-US')
}

export function counted(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`
}
