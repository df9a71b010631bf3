import { startApi } from '../../api/start-api.ts'
import { loadApp } from '../../app/load-app.ts'
import { readAppArguments } from '../app-argument.ts'

/** `holdfast api [APP]`: the API, until a signal ends it. */
export async function api(args: readonly string[]): Promise<number> {
  await startApi(await loadApp(readAppArguments('api', args).file))
  return 0
}
