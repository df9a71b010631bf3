/** The five fields of a cron expression, with what each may name. */
const FIELDS = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  {
    name: 'month',
    least: 1,
    most: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', least: 0, most: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const
type Field = (typeof FIELDS)[number]

const ITEM = /^(?:\*|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d{1,2}))?$/

/**
 * What is wrong with a cron expression, in a sentence; null where it is right. Temporal reads more forms than these (seconds, years, `@daily`,
 * comments, zones): they would say a second time, and otherwise, what a schedule says in its own members.
 */
export function findCronMistake(cron: string): string | null {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== FIELDS.length)
    return 'Must have five fields: minute, hour, day of the month, month, day of the week.'
  for (const [at, field] of FIELDS.entries()) {
    const wrong = (fields[at] ?? '').split(',').find((item) => !isItem(item, field))
    if (wrong !== undefined)
      return `The ${field.name} must be *, numbers from ${field.least} to ${field.most}, ranges, or steps of those.`
  }
  return null
}

function isItem(item: string, field: Field): boolean {
  const groups = ITEM.exec(item)?.groups
  if (groups === undefined) return false
  const { from, to, step } = groups
  const first = from === undefined ? field.least : numberOf(from, field)
  const last = to === undefined ? first : numberOf(to, field)
  return first !== null && last !== null && first <= last && Number(step ?? 1) >= 1
}

function numberOf(text: string, { least, most, names }: Field): number | null {
  const place = (names as readonly string[]).indexOf(text.toLowerCase())
  // Months are counted from one, days of the week from zero.
  if (place >= 0) return place + least
  if (!/^\d{1,2}$/.test(text)) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}
