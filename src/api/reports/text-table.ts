import { visible } from '../../contracts/operator-text.ts'

/** The cells of a row. A row may have fewer than others. */
export type Cells = readonly string[]

const NUMBER = /^[-+]?\$?\d/

/** Rows as lines of columns: words to the left, numbers to the right. The first row is the heading, alone or with a word a column. */
export function textTable([heading, ...rows]: readonly [Cells, ...Cells[]]): string {
  const indented = rows.map(([first = '', ...rest]) => [`  ${visible(first)}`, ...rest.map(visible)])
  // A title alone stands above the columns, and may be wider than the first one.
  const measured = heading.length === 1 ? indented : [heading, ...indented]
  const columns = Math.max(...measured.map(({ length }) => length))
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...measured.map((row) => row[at]?.length ?? 0)),
  )
  const isNumeric = widths.map((_, at) => at > 0 && rows.some((row) => NUMBER.test(row[at] ?? '')))
  return [heading, ...indented].map(lineOf).join('\n')

  function lineOf(row: Cells): string {
    const cells = row.map((cell, at) =>
      isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    )
    return cells.join('  ').trimEnd()
  }
}
