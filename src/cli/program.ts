import { Command, CommanderError } from 'commander'
import { CommandError } from './command-error.ts'
import { EXIT } from './exit-codes.ts'
import { capitalised, summaryOf } from './help.ts'
import type { ProgramName } from './programs.ts'

const EXIT_CODES = [
  'Exit codes: 0 done, 1 failed, 2 the command line cannot be understood, 3 not found, 4 refused, 5 no answer, or not now.',
  'Where the end of a run was waited for: 0 completed, 10 incomplete, 11 failed, 12 cancelled, 13 expired.',
  'Of a conversation that is piped: 14 its turn waits for a decision, or for budget. 130: Ctrl-C, before the run had ended.',
].join('\n')

/** A command with commands of its own, or with options, read by commander. */
export function createProgram(name: ProgramName): Command {
  return new Command(`holdfast ${name}`)
    .summary(summaryOf(name))
    .description(`${capitalised(summaryOf(name))}.`)
    .helpCommand(false)
    .helpOption('-h, --help', 'says this')
    .addHelpText('afterAll', `\n${EXIT_CODES}`)
    .configureHelp({ helpWidth: 120 })
    .showHelpAfterError()
    .exitOverride()
}

/**
 * Runs the command that the arguments name. Help that is asked for goes to stdout.
 *
 * @throws CommandError with what is wrong, and how it is used
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  let complaint = ''
  configureEach(program, (text) => {
    complaint += text
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw new CommandError(complaint.trimEnd(), EXIT.usage)
  }
  return 0
}

function configureEach(command: Command, writeErr: (text: string) => void): void {
  command.configureOutput({
    writeErr,
    outputError: (text, write) => write(capitalised(text.replace(/^error: /, ''))),
  })
  for (const each of command.commands) configureEach(each, writeErr)
}
