import type { ReportedCounts } from '../wires/read-usage.ts'
import type { ForeignError } from './foreign-error.ts'
import { type ErrorReport, REPORTED_ERROR } from './reported-error.schema.ts'

/** An error that a provider reports inside an answer that began with status 200. */
export class ReportedError extends Error {
  override readonly name = 'ReportedError'
  readonly report: ForeignError
  /** Token counts of the failed call, as the provider reports them. */
  readonly counts: ReportedCounts

  constructor(error: unknown, counts: ReportedCounts = {}) {
    const { message, names, status } = readReport(error)
    super('the provider reports an error')
    this.report = { names, text: message, ...(status !== undefined && { status }) }
    this.counts = counts
  }
}

/** The error in an event of any wire, or in a body that should have been an answer; null where it reports none. */
export function findReportedError(event: Readonly<Record<string, unknown>>): ReportedError | null {
  const { error, type, object } = event
  if (typeof error === 'string' && error !== '') return new ReportedError({ message: error })
  if (error !== null && typeof error === 'object' && Object.keys(error).length > 0)
    return new ReportedError(error)
  // Some servers have the error's fields at the top.
  return type === 'error' || object === 'error' ? new ReportedError({ ...event, type: undefined }) : null
}

function readReport(error: unknown): { message: string; names: string[]; status?: number } {
  const report: ErrorReport = REPORTED_ERROR.safeParse(error).data ?? {}
  const words = [report.details?.error_code, report.code, report.type, report.status]
  const names = words.flatMap((word) => (typeof word === 'string' ? [word.toLowerCase()] : []))
  // Compatible servers put an HTTP status where OpenAI has a word, as a number or as its digits.
  const status = words.map(Number).find((code) => Number.isInteger(code) && code >= 400 && code <= 599)
  const message = report.message ?? names.join(' ')
  return { message, names, ...(status !== undefined && { status }) }
}
