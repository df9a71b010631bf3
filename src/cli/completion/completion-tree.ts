import type { Command } from 'commander'
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
    commands: command.commands.map((each) => ofProgram(each)),
  }
}

/** What a command takes that reads its arguments itself, as far as its help names it. */
function ofHelp(name: Parameters<typeof helpOf>[0]): Completed {
  // What stands in quotes are commands of other programs.
  const help = helpOf(name).replaceAll(/"[^"]*"/g, '')
  const found = (pattern: RegExp) => [...new Set([...help.matchAll(pattern)].map(([, word]) => word ?? ''))]
  const flags = [...found(/(?<![\w-])(--[a-z][a-z0-9-]+)/g), '--help']
  const commands = found(new RegExp(`^  holdfast ${name} ([a-z]+)`, 'gm'))
  return {
    name,
    summary: summaryOf(name),
    flags,
    choices: [],
    commands: commands.map((each) => ({ name: each, summary: '', flags, choices: [], commands: [] })),
  }
}
