import { visible } from './operator-text.ts'

/** The cells of a row. A row may have fewer than others. */
export type Cells = readonly string[]

/** A cell that is a number as a whole, with what it counts: `-$0.05`, `+5 %`, `3 of 12 calls`. A date and a name that begins with a digit are words. */
const NUMBER = /^[-+]?\$?\d[\d,]*(?:\.\d+)?(?: (?:%|[a-z]+|\d[\d,]*))*$/

/** Rows as lines of columns, for a terminal or a mail: words to the left, and behind the first column numbers to the right. */
export function textTable(rows: readonly Cells[]): string {
  const shown = rows.map((row) => row.map(visible))
  const columns = Math.max(...shown.map(({ length }) => length))
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...shown.map((row) => row[at]?.length ?? 0)),
  )
  const isNumeric = widths.map((_, at) => at > 0 && shown.some((row) => NUMBER.test(row[at] ?? '')))
  return shown.map(lineOf).join('\n')

  function lineOf(row: Cells): string {
    const cells = row.map((cell, at) =>
      isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    )
    return cells.join('  ').trimEnd()
  }
}
