import { csvOf } from '../http/csv.ts'
import { type UsageGroup, type UsageRowResource, usageRow } from './usage.schema.ts'

const { key: _key, cache, ...sums } = usageRow.shape
const SUMS = Object.keys(sums) as (keyof typeof sums)[]
const CACHE = Object.keys(cache.shape) as (keyof typeof cache.shape)[]

/** Usage as CSV, for a spreadsheet. Pages, and tables by something else, can be put below each other. */
export function usageCsv(groupBy: UsageGroup, rows: readonly UsageRowResource[]): string {
  return csvOf([
    ['by', 'key', ...SUMS, ...CACHE.map((name) => `cache_${name}`)],
    ...rows.map((row) => [
      groupBy,
      row.key,
      ...SUMS.map((name) => row[name]),
      ...CACHE.map((name) => row.cache[name]),
    ]),
  ])
}
