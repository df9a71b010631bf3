import type { DailyReportResource } from '../../api/reports/report.schema.ts'
import { reportCsv } from '../../api/reports/report-csv.ts'
import { reportText } from '../../api/reports/report-text.ts'
import { toReportResource } from '../../api/reports/to-report-resource.ts'
import { loadConfig } from '../../config/config.ts'
import { isKnownTenant } from '../../store/access/is-known-tenant.ts'
import { DayToCome, reportOfDay } from '../../store/reports/report-of-day.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { openStoreAccess } from '../store/store-access.ts'
import { type ReportCommand, readReportCommand } from './read-report-command.ts'

const WRITERS = {
  text: reportText,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: reportCsv,
} as const satisfies Record<ReportCommand['format'], (report: DailyReportResource) => string>

/** `holdfast report`. Like everybody who asks for the report of a day that is over, it has it kept. */
export async function report(args: readonly string[]): Promise<number> {
  const command = readReportCommand(args)
  process.stdout.write(WRITERS[command.format](await findReport(command)))
  return 0
}

async function findReport({ tenant: named, day }: ReportCommand): Promise<DailyReportResource> {
  const access = await openStoreAccess(loadConfig())
  if ('askApi' in access) {
    const found = await access.askApi(({ request }) => request('GET /v1/reports/{day}', { path: { day } }))
    if (named === null || named === found.tenant) return found
    throw new CommandError(
      `Over an API there are reports of the asking key's own tenant only, "${found.tenant}".`,
      EXIT.refused,
    )
  }
  const { database, close } = access
  const tenant = named ?? 'default'
  try {
    if (!(await isKnownTenant(database, tenant)))
      throw new CommandError(
        `Nothing is known of a tenant "${tenant}": it has no key, no run and no settings.`,
        EXIT.notFound,
      )
    return toReportResource(await reportOfDay(database, tenant, day))
  } catch (error) {
    if (error instanceof DayToCome) throw new CommandError(error.message, EXIT.refused)
    throw error
  } finally {
    await close()
  }
}
