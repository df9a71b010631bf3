import { DOSSIER } from '../../../policies/operations/dossier.ts'
import { between, type Entry, INDENT, timed } from './words.ts'

/** Tells entries, some after the others. */
export type Timeline = (entries: readonly Entry[]) => string[]

/**
 * Tells entries by their time; what has the same time stays as it stands. A line says where another day begins, and where nothing
 * happened for long: a run may wait for weeks.
 *
 * @param since what is told already; null where that is not known
 */
export function createTimeline(since: string | null): Timeline {
  let last = since

  function pauseBefore(at: string): string[] {
    const isSilence = last !== null && Date.parse(at) - Date.parse(last) >= DOSSIER.silenceMs
    return [
      ...(last !== null && isSilence ? [`${INDENT}… ${between(last, at)} later`] : []),
      ...(last === null || dayOf(last) !== dayOf(at) ? [dayOf(at)] : []),
    ]
  }

  return (entries) =>
    entries
      .toSorted((one, other) => one.at.localeCompare(other.at))
      .flatMap((entry) => {
        const lines = [...pauseBefore(entry.at), ...timed(entry)]
        last = entry.at
        return lines
      })
}

function dayOf(at: string): string {
  return at.slice(0, 10)
}
