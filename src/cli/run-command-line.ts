import { failureText } from '../local/failure-text.ts'
import { isOutage } from '../store/database/outage.ts'
import { readManifest } from '../telemetry/manifest.ts'
import { CommandError } from './command-error.ts'
import { COMMANDS, type CommandName } from './commands.ts'
import { EXIT } from './exit-codes.ts'
import { helpOf, OVERVIEW } from './help.ts'
import { nodeProblem } from './node-problem.ts'
import { isProgram } from './programs.ts'
import { endWhenUnread } from './unread-output.ts'

/** These run until a signal ends them, and stop in good order where their output is lost. */
const SERVING: readonly CommandName[] = ['dev', 'api', 'worker']

/**
 * Runs the command that the arguments name.
 *
 * @returns the exit code: 0 where the command did its work, 2 where the command line names no command, 5 where the store is away. A
 * command may have more of them; its help says which
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (!SERVING.some((each) => each === name)) endWhenUnread()
  const asked = name === 'help' ? (rest[0] ?? name) : name
  if (asked === undefined || ['help', '--help', '-h'].includes(asked)) {
    process.stdout.write(`${OVERVIEW}\n`)
    return asked === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${readManifest().version}\n`)
    return 0
  }
  if (!isCommand(asked)) {
    process.stderr.write(`There is no command "${asked}".\n\n${OVERVIEW}\n`)
    return 2
  }
  if (!isProgram(asked) && (name === 'help' || asksForHelp(rest))) {
    process.stdout.write(`${helpOf(asked)}\n`)
    return 0
  }
  // `init` only writes files, and `doctor` looks for itself: both say what is needed.
  const problem = ['init', 'doctor'].includes(asked) ? null : nodeProblem()
  if (problem !== null) {
    process.stderr.write(`${problem}\n`)
    return 1
  }
  try {
    const run = await COMMANDS[asked]()
    return await run(name === 'help' ? [...rest.slice(1), '--help'] : rest)
  } catch (error) {
    process.stderr.write(`${failureText(error)}\n`)
    return exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  return isOutage(error) ? EXIT.unavailable : EXIT.failed
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

/** Arguments after `--` are not options. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const options = end < 0 ? args : args.slice(0, end)
  return options.includes('--help') || options.includes('-h')
}
