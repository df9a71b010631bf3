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

/** So far ahead a day is looked for that fits. The 29th of February comes within it. */
const YEARS_AHEAD = 8

const ITEM = /^(?:\*|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d{1,2}))?$/

/**
 * What is wrong with a cron expression, in a sentence; null where it is right and some day fits it. Temporal reads more forms than these (seconds, years, `@daily`,
 * comments, zones): they would say a second time, and otherwise, what a schedule says in its own members.
 */
export function findCronMistake(cron: string, now = new Date()): string | null {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== FIELDS.length)
    return 'Must have five fields: minute, hour, day of the month, month, day of the week.'
  const values: ReadonlySet<number>[] = []
  for (const [at, field] of FIELDS.entries()) {
    const items = (fields[at] ?? '').split(',').map((item) => valuesOf(item, field))
    if (items.includes(null))
      return `The ${field.name} must be *, numbers from ${field.least} to ${field.most}, ranges, or steps of those.`
    values.push(new Set(items.flatMap((numbers) => numbers ?? [])))
  }
  const [, , days = NONE, months = NONE, weekdays = NONE] = values
  return hasDay({ days, months, weekdays }, now)
    ? null
    : `No day of the next ${YEARS_AHEAD} years has this month, day of the month and day of the week.`
}

const NONE: ReadonlySet<number> = new Set()

interface Days {
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** Sunday is 0 or 7. */
  readonly weekdays: ReadonlySet<number>
}

function hasDay({ days, months, weekdays }: Days, now: Date): boolean {
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()))
  const end = Date.UTC(now.getUTCFullYear() + YEARS_AHEAD, now.getUTCMonth(), now.getUTCDate())
  for (; day.getTime() <= end; day.setUTCDate(day.getUTCDate() + 1)) {
    const weekday = day.getUTCDay()
    const isOnWeekday = weekdays.has(weekday) || (weekday === 0 && weekdays.has(7))
    if (isOnWeekday && months.has(day.getUTCMonth() + 1) && days.has(day.getUTCDate())) return true
  }
  return false
}

/** What an item of a list stands for; null where it is none. */
function valuesOf(item: string, field: Field): readonly number[] | null {
  const groups = ITEM.exec(item)?.groups
  if (groups === undefined) return null
  const { from, to, step: by } = groups
  const first = from === undefined ? field.least : numberOf(from, field)
  // `5/10` goes on to the field's end.
  const goesOn = from === undefined || by !== undefined
  const last = to !== undefined ? numberOf(to, field) : goesOn ? field.most : first
  const step = Number(by ?? 1)
  if (first === null || last === null || first > last || step < 1) return null
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => first + at * step)
}

function numberOf(text: string, { least, most, names }: Field): number | null {
  const place = (names as readonly string[]).indexOf(text.toLowerCase())
  // Months are counted from one, days of the week from zero.
  if (place >= 0) return place + least
  if (!/^\d{1,2}$/.test(text)) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}
