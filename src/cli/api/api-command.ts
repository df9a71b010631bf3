import type { Command } from 'commander'
import type { z } from 'zod'
import { capitalised } from '../help.ts'

/** Options of every command that asks the API. */
export interface ApiOptions {
  readonly url?: string
  readonly json?: boolean
}

/** Adds a command that asks the API. @param description in a line of the overview */
export function addApiCommand(program: Command, signature: string, description: string): Command {
  return withApiOptions(
    program
      .command(signature)
      .summary(description)
      .description(`${capitalised(description)}.`),
  )
}

export function withApiOptions(command: Command): Command {
  return command
    .option('--json', 'as the API has it: one object, or one a line where there are several')
    .option(
      '--url <url>',
      "the API; HOLDFAST_API_URL where it is not given, and else the local stack's",
      (text) =>
        /^https?:/.test(text) && URL.canParse(text)
          ? text
          : command.error('--url is not an http:// or https:// URL.'),
    )
}

/** Reads a whole number. */
export function whole(command: Command, name: string, least: number): (text: string) => number {
  return (text) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least
      ? Number(text)
      : command.error(`${name} is not a whole number from ${least} on.`)
}

/** Reads an id by its schema. */
export function idOf<Id extends string>(
  command: Command,
  schema: z.ZodType<Id>,
  what: string,
): (text: string) => Id {
  return (text) => {
    const read = schema.safeParse(text)
    return read.success ? read.data : command.error(`${JSON.stringify(text)} is not the id of ${what}.`)
  }
}
