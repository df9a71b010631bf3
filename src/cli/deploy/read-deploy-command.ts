import { parseArgs } from 'node:util'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'
import type { Promotion } from './promote.ts'
import type { Rollback } from './rollback.ts'

export type DeployCommand =
  | { readonly name: 'status'; readonly json: boolean }
  | ({ readonly name: 'promote' } & Promotion)
  | ({ readonly name: 'rollback' } & Rollback)
  | { readonly name: 'drain'; readonly build: string }

/** @throws CommandError with what is wrong, and how it is used */
export function readDeployCommand(args: readonly string[]): DeployCommand {
  try {
    return parse(args)
  } catch (error) {
    throw new CommandError(
      `${error instanceof Error ? error.message : String(error)}\n\n${usageOf('deploy')}`,
      EXIT.usage,
    )
  }
}

function parse(args: readonly string[]): DeployCommand {
  const [name = '', ...rest] = args
  switch (name) {
    case 'status': {
      const { values } = parseArgs({ args: rest, options: { json: { type: 'boolean', default: false } } })
      return { name, json: values.json }
    }
    case 'promote': {
      const { values, positionals } = parseArgs({
        args: rest,
        allowPositionals: true,
        options: {
          percent: { type: 'string', default: '100' },
          force: { type: 'boolean', default: false },
          reason: { type: 'string' },
        },
      })
      const [build, ...others] = positionals
      if (others.length > 0) throw new Error('There is one build at a time.')
      return { name, build, percent: percentOf(values.percent), forced: reasonOf(values) }
    }
    case 'rollback': {
      const { values } = parseArgs({ args: rest, options: { force: { type: 'boolean', default: false } } })
      return { name, force: values.force }
    }
    case 'drain': {
      const { positionals } = parseArgs({ args: rest, allowPositionals: true, options: {} })
      const [build, ...others] = positionals
      if (build === undefined || others.length > 0) throw new Error('Name one build.')
      return { name, build }
    }
    default:
      throw new Error(name === '' ? 'What is to be done?' : `There is no such command: ${name}.`)
  }
}

function percentOf(text: string): number {
  const percent = Number(text)
  if (/^\d{1,3}$/.test(text) && percent >= 1 && percent <= 100) return percent
  throw new Error('--percent is a whole number from 1 to 100. "holdfast deploy rollback" takes a share back.')
}

/** What is forced is kept on the record with its reason. */
function reasonOf({ force, reason }: { force: boolean; reason?: string | undefined }): string | undefined {
  if (!force && reason !== undefined) throw new Error('--reason goes with --force.')
  if (!force) return undefined
  const text = reason?.trim() ?? ''
  if (text === '' || text.length > MOST_REASON)
    throw new Error(`--force takes --reason, of 1 to ${MOST_REASON} characters.`)
  return text
}

const MOST_REASON = 300
