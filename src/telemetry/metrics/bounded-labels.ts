import { METRICS } from '../../policies/operations/telemetry.ts'
import type { Label } from './metric-row.ts'

/** What a value beyond the bounds is counted as. */
export const OTHER = 'other'

/** Names have no white space. What has some may be a person's words, and those must never come to stand on the page. */
const NAME = /^[\x21-\x7e]*$/

/**
 * Keeps labels within the bounds of `METRICS`: the first values of each label are kept as they are, later ones become `other`. So a model's
 * or a caller's inventions cost a bounded number of series, and an application's own names, which come first, keep theirs.
 */
export function createBoundedLabels(
  bounds: Readonly<Record<Label, number>> = METRICS.labelValues,
): (label: Label, value: string) => string {
  const known = new Map<Label, Set<string>>()
  return (label, value) => {
    if (value === '') return value
    let values = known.get(label)
    if (values === undefined) {
      values = new Set()
      known.set(label, values)
    }
    if (values.has(value)) return value
    if (values.size >= bounds[label] || value.length > METRICS.labelCharacters || !NAME.test(value))
      return OTHER
    values.add(value)
    return value
  }
}
