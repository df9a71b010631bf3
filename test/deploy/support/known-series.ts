import { readRecords } from './alerts.ts'
import { labelsOfSeries } from './emitted.ts'
import { labelsIn, metricsIn } from './queries.ts'

const RECORDS = Map.groupBy(readRecords(), ({ name }) => name)

/** The labels that a series can have: one of a page, or one that rules record. Undefined where there is no such series. */
function labelsOf(name: string): readonly string[] | undefined {
  const rules = RECORDS.get(name)
  if (rules === undefined) return labelsOfSeries(name)
  return rules.flatMap(({ expr, labels }) => [...labels, ...labelsOfResult(expr)])
}

/** The labels that the result of an expression can have. */
export function labelsOfResult(expr: string): string[] {
  const grouped = labelsIn(expr, 'by')
  // An expression that groups does so with all that it reads from pages.
  const from = metricsIn(expr).filter((name) => grouped.length === 0 || RECORDS.has(name))
  return [...grouped, ...from.flatMap((name) => labelsOf(name) ?? [])]
}

/** What an expression reads that there is not: series, and labels that none of its series has. */
export function unknownIn(expr: string): string[] {
  const metrics = metricsIn(expr)
  const labels = new Set(metrics.flatMap((name) => labelsOf(name) ?? []))
  return [
    ...metrics.filter((name) => labelsOf(name) === undefined),
    ...labelsIn(expr).filter((label) => !labels.has(label)),
  ]
}
