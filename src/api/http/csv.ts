/** The media type of tables for spreadsheets. */
export const CSV = 'text/csv'

/** A spreadsheet takes text that begins with one of these for a formula, and would run it. */
const FORMULA = /^[=+\-@\t\r\n]/

/** Rows as CSV (RFC 4180). No text of theirs is a formula; null is an empty cell. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | null): string {
  if (typeof value !== 'string') return String(value ?? '')
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
