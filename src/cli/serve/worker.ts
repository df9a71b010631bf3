import { loadApp } from '../../app/load-app.ts'
import { isReady } from '../../worker/is-ready.ts'
import { startWorker } from '../../worker/start-worker.ts'
import { readAppArguments } from '../app-argument.ts'

/** `holdfast worker [APP] [--health]`: a worker, until a signal ends it; or whether the one of this machine is ready. */
export async function worker(args: readonly string[]): Promise<number> {
  const { file, flags } = readAppArguments('worker', args, { health: { type: 'boolean' } })
  if (flags['health'] === true) return (await isReady()) ? 0 : 1
  await startWorker(await loadApp(file))
  return 0
}
