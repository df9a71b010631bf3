import { parseArgs } from 'node:util'
import { loadAppPath } from '../config/config.ts'
import { CommandError } from './command-error.ts'
import { EXIT } from './exit-codes.ts'
import { type TableCommand, usageOf } from './help.ts'

type Flags = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>

export interface AppArguments {
  /** The application's file, as the command line or HOLDFAST_APP names it. */
  readonly file: string
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
}

/** Reads `[APP]` and the command's flags. @throws CommandError with the usage */
export function readAppArguments(
  command: TableCommand,
  args: readonly string[],
  options: Flags = {},
): AppArguments {
  const { positionals, values } = parse(command, args, options)
  const [named, second] = positionals
  if (second !== undefined) throw misused(command, `One application is enough: ${positionals.join(', ')}.`)
  const file = named ?? loadAppPath()
  if (file !== null) return { file, flags: values }
  throw misused(command, 'No application is named, and HOLDFAST_APP is not set.')
}

function parse(command: TableCommand, args: readonly string[], options: Flags) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw misused(command, (error as Error).message)
  }
}

function misused(command: TableCommand, problem: string): CommandError {
  return new CommandError(`${problem}\n\n${usageOf(command)}`, EXIT.usage)
}
