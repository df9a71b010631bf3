import type { Run } from '../../client/index.ts'
import { isTerminal } from '../../contracts/runs/run.ts'
import { CommandError } from '../command-error.ts'
import { EXIT, EXIT_OF_END } from '../exit-codes.ts'
import { sayJson, sayWords } from '../output.ts'

interface EndOptions {
  readonly json: boolean
  /** The person has been shown how it ended. */
  readonly told?: boolean
}

/** Prints the answer of a run that has ended. @throws CommandError, with an exit code that says how, where it has not completed */
export function printEnd(run: Run, { json, told = false }: EndOptions): void {
  if (json) {
    if (!told) sayJson(run)
  } else if (run.output !== undefined) sayWords(run.output)
  requireCompleted(run)
}

/** @throws CommandError, with an exit code that says how the run has ended, where it has not completed */
export function requireCompleted(run: Run): void {
  if (run.status === 'completed') return
  const why = [run.reason, run.error?.message].filter((text) => text !== undefined)
  throw new CommandError(
    `Run ${run.id} ended ${run.status}${why.length > 0 ? `: ${why.join(', ')}` : ''}.`,
    isTerminal(run.status) ? EXIT_OF_END[run.status] : EXIT.failed,
  )
}
