import { parseArgs } from 'node:util'
import { runId } from '../../api/http/requests/ids.schema.ts'
import { CommandError } from '../command-error.ts'
import { usageOf } from '../help.ts'

/** `holdfast runs trace ID`, read. */
export interface TraceCommand {
  readonly runId: string
  /** null: all steps. */
  readonly step: number | null
  readonly depth: number
  readonly json: boolean
  /** The API; null: as the environment says. */
  readonly url: string | null
}

/** @throws CommandError with what is wrong, and how it is used */
export function readRunsCommand(args: readonly string[]): TraceCommand {
  try {
    return parse(args)
  } catch (error) {
    throw new CommandError(
      `${error instanceof Error ? error.message : String(error)}\n\n${usageOf('runs')}`,
      2,
    )
  }
}

function parse(args: readonly string[]): TraceCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      step: { type: 'string' },
      depth: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      url: { type: 'string' },
    },
  })
  const [name, id, ...rest] = positionals
  if (name !== 'trace') throw new Error('There is no such command.')
  if (id === undefined) throw new Error('The id of a run is missing.')
  if (rest.length > 0) throw new Error('One run at a time.')
  if (!runId.safeParse(id).success) throw new Error(`${JSON.stringify(id)} is not the id of a run.`)
  if (values.url !== undefined && !URL.canParse(values.url)) throw new Error('--url is not a URL.')
  return {
    runId: id,
    step: values.step === undefined ? null : whole('--step', values.step, 1),
    depth: whole('--depth', values.depth, 0),
    json: values.json,
    url: values.url ?? null,
  }
}

function whole(name: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new Error(`${name} is not a whole number from ${least} on.`)
  return Number(text)
}
