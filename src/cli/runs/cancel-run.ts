import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayJson } from '../output.ts'

/** Asks a run to stop. */
export async function cancelRun(id: string, options: ApiOptions): Promise<void> {
  const run = await useApi(options, ({ runs }) => runs.cancel(id))
  if (options.json) sayJson(run)
  else say(`Run ${id} was asked to stop. Its status is ${run.status}.`)
}
