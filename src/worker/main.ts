import { loadApp } from '../app/load-app.ts'
import { loadAppPath } from '../config.ts'
import { startWorker } from './start-worker.ts'

/* `node src/worker/main.ts [APP]`: a worker of an application as a process of its own. */
try {
  await startWorker(await loadApp(process.argv[2] ?? loadAppPath()))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
