import { SIZES } from '../../../policies/limits.ts'
import type { ReportedCounts } from '../wires/read-usage.ts'
import type { ForeignError } from './foreign-error.ts'
import { TOLD, type Told } from './told-error.schema.ts'

/** An error that a provider reports inside an answer that began with status 200. Its message is the provider's, cut for the log. */
export class ToldError extends Error {
  override readonly name = 'ToldError'
  readonly told: ForeignError
  /** What the provider says the failed call used. */
  readonly counts: ReportedCounts

  constructor(error: unknown, counts: ReportedCounts = {}) {
    const { message, names, status } = read(error)
    super(message.slice(0, SIZES.loggedExcerptCharacters))
    this.told = { names, text: message, ...(status !== undefined && { status }) }
    this.counts = counts
  }
}

/** The error in an event of any wire, or in a body that should have been an answer; null where it reports none. */
export function findToldError(event: Readonly<Record<string, unknown>>): ToldError | null {
  const { error, type, object } = event
  if (typeof error === 'string' && error !== '') return new ToldError({ message: error })
  if (error !== null && typeof error === 'object' && Object.keys(error).length > 0)
    return new ToldError(error)
  // Some servers have the error's fields at the top.
  return type === 'error' || object === 'error' ? new ToldError({ ...event, type: undefined }) : null
}

function read(error: unknown): { message: string; names: string[]; status?: number } {
  const told: Told = TOLD.safeParse(error).data ?? {}
  const words = [told.details?.error_code, told.code, told.type, told.status]
  const names = words.flatMap((word) => (typeof word === 'string' ? [word.toLowerCase()] : []))
  // Compatible servers put an HTTP status where OpenAI has a word, as a number or as its digits.
  const status = words.map(Number).find((code) => Number.isInteger(code) && code >= 400 && code <= 599)
  const message = told.message ?? names.join(' ')
  return { message, names, ...(status !== undefined && { status }) }
}
