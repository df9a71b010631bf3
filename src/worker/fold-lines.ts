/** What a line is folded by, and how it is written: with how often it was repeated since, where it was. */
interface FoldedLine {
  readonly key: string
  write(repeated?: number): void
}

interface FoldOptions {
  /** Milliseconds that repetitions of a line are counted for. */
  readonly forMs: number
  /** Different lines that are counted at the same time; further ones are written as they come. */
  readonly most: number
}

/**
 * Writes the first of equal lines at once, and counts the others: one more line tells how many there were. A line that goes on being
 * repeated is written once every `forMs`.
 */
export function foldLines({ forMs, most }: FoldOptions): (line: FoldedLine) => void {
  const counted = new Map<string, { last: FoldedLine; repeated: number }>()

  function countFor(line: FoldedLine): void {
    const count = { last: line, repeated: 0 }
    counted.set(line.key, count)
    setTimeout(() => {
      counted.delete(line.key)
      if (count.repeated === 0) return
      count.last.write(count.repeated)
      countFor(count.last)
    }, forMs).unref()
  }

  return (line) => {
    const count = counted.get(line.key)
    if (count !== undefined) {
      count.repeated += 1
      count.last = line
      return
    }
    line.write()
    if (counted.size < most) countFor(line)
  }
}
