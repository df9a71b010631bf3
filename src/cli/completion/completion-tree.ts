import type { Command } from 'commander'
import { GRANTS } from '../../contracts/access/api-key.ts'
import { DECISIONS } from '../../contracts/approvals/approval.ts'
import { COMMANDS, type CommandName } from '../commands.ts'
import { helpOf, summaryOf } from '../help.ts'
import { isProgram, PROGRAMS } from '../programs.ts'

/** A command as a shell completes it. */
export interface Completed {
  readonly name: string
  readonly summary: string
  /** With their dashes. */
  readonly flags: readonly string[]
  /** Words that it takes itself. */
  readonly choices: readonly string[]
  /** Those that an option takes, by its flag. */
  readonly values: Readonly<Record<string, readonly string[]>>
  readonly commands: readonly Completed[]
}

/** Every command of `holdfast`, with its own commands and flags. */
export function completionTree(): Promise<Completed[]> {
  const names = Object.keys(COMMANDS) as CommandName[]
  return Promise.all(
    names.map(async (name) => (isProgram(name) ? ofProgram((await PROGRAMS[name]())(), name) : ofHelp(name))),
  )
}

function ofProgram(command: Command, name = command.name()): Completed {
  return {
    name,
    summary: command.summary(),
    flags: [...command.options.map(({ long }) => long ?? ''), '--help'],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    values: Object.fromEntries(
      command.options.flatMap(({ long, argChoices }) => (long && argChoices ? [[long, argChoices]] : [])),
    ),
    commands: command.commands.map((each) => ofProgram(each)),
  }
}

/** Of commands that read their arguments themselves. */
const VALUES: Readonly<Partial<Record<CommandName, Completed['values']>>> = {
  keys: { '--scope': GRANTS },
  sign: { '--decision': DECISIONS },
}

/** What a command takes that reads its arguments itself, as far as its help names it. */
function ofHelp(name: Parameters<typeof helpOf>[0]): Completed {
  // What stands in quotes are commands of other programs.
  const help = helpOf(name).replaceAll(/"[^"]*"/g, '')
  const flagsIn = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z][a-z0-9-]+/g)), '--help']
  const values = VALUES[name] ?? {}
  const own = [...help.matchAll(new RegExp(`^  holdfast ${name} ([a-z]+)(.*)$`, 'gm'))]
  return {
    name,
    summary: summaryOf(name),
    flags: flagsIn(help),
    choices: [],
    values,
    commands: own.map(([, word = '', line = '']) => ({
      name: word,
      summary: '',
      flags: flagsIn(line),
      choices: [],
      values,
      commands: [],
    })),
  }
}
