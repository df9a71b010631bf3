import { EMITTED } from './emitted.ts'

/** One series as promtool and a scraped page know it: its value at the start and what is added each minute. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly from: number
  readonly perMinute: number
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** The minute of its first value, where it is not there from the beginning. */
  readonly bornAfter?: number
}

export type Labels = Series['labels']

export const counter = (name: string, labels: Labels, perMinute: number): Series => ({
  name,
  labels,
  from: 0,
  perMinute,
  type: 'counter',
})

/** A counter that does not move, as after something rare that happened long ago. */
export const still = (name: string, labels: Labels, from: number): Series => ({
  ...counter(name, labels, 0),
  from,
})

export const gauge = (name: string, labels: Labels, from: number): Series => ({
  name,
  labels,
  from,
  perMinute: 0,
  type: 'gauge',
})

/** A histogram all of whose observations are `value`, in the buckets that the code has. */
export function histogram(
  name: string,
  labels: Labels,
  { perMinute, value }: { perMinute: number; value: number },
): Series[] {
  const { buckets } = EMITTED[name] ?? {}
  if (buckets === undefined) throw new Error(`${name} is no histogram that there is.`)
  const part = (suffix: string, more: Labels, rate: number): Series => ({
    ...counter(`${name}_${suffix}`, { ...labels, ...more }, rate),
    type: 'histogram',
  })
  return [
    ...buckets.map((bound) => part('bucket', { le: String(bound) }, value <= bound ? perMinute : 0)),
    part('bucket', { le: '+Inf' }, perMinute),
    part('count', {}, perMinute),
    part('sum', {}, perMinute * value),
  ]
}

/** `name{label="value"}`, for promtool and pages alike. */
export function selector({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  const inside = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${inside.join(',')}}`
}
