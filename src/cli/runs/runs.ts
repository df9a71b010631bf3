import { printTrace } from './print-trace.ts'
import { readRunsCommand } from './read-runs-command.ts'

/** `holdfast runs trace`: reads runs over the API. */
export async function runs(args: readonly string[]): Promise<number> {
  await printTrace(readRunsCommand(args))
  return 0
}
