import { loadApp } from '../app/load-app.ts'
import { loadAppPath } from '../config.ts'
import { reportFailure } from './report-failure.ts'
import { startLocal } from './start-local.ts'

/* `node src/local/main.ts [APP]`: the whole stack of an application on this machine. */
try {
  await startLocal(await loadApp(process.argv[2] ?? loadAppPath()))
} catch (error) {
  reportFailure(error)
  process.exitCode = 1
}
