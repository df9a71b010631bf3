import { parseArgs } from 'node:util'
import { keyName } from '../../api/access/key.schema.ts'
import { reportDay } from '../../api/reports/report.schema.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'

export interface ReportCommand {
  /** null: "default" in the store, and over an API the tenant of the key that asks. */
  readonly tenant: string | null
  readonly day: string
  readonly format: 'text' | 'json' | 'csv'
}

/** @throws CommandError with what is wrong, and how it is used */
export function readReportCommand(args: readonly string[]): ReportCommand {
  try {
    return parse(args)
  } catch (error) {
    throw new CommandError(
      `${error instanceof Error ? error.message : String(error)}\n\n${usageOf('report')}`,
      EXIT.usage,
    )
  }
}

function parse(args: readonly string[]): ReportCommand {
  const { values } = parseArgs({
    args: args.map((arg, at) => (arg === '--day' && !isValue(args[at + 1]) ? '--day=yesterday' : arg)),
    options: {
      day: { type: 'string', default: 'yesterday' },
      tenant: { type: 'string' },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
    },
  })
  const { json, csv } = values
  const day = reportDay.safeParse(values.day)
  if (!day.success)
    throw new Error(`--day is a day of the calendar, such as 2026-11-27, and not "${values.day}".`)
  const tenant = keyName.nullable().safeParse(values.tenant ?? null)
  if (!tenant.success) throw new Error('--tenant is not valid.')
  if (json && csv) throw new Error('--json and --csv are two formats: one is enough.')
  return { day: day.data, tenant: tenant.data, format: json ? 'json' : csv ? 'csv' : 'text' }
}

const isValue = (arg: string | undefined) => arg !== undefined && !arg.startsWith('-')
