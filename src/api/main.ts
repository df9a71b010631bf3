import { AppNotLoaded, loadApp } from '../app/load-app.ts'
import { ConfigError, loadAppPath } from '../config.ts'
import { startApi } from './start-api.ts'

/* `node src/api/main.ts [APP]`: the API of an application as a process of its own. */
try {
  await startApi(await loadApp(process.argv[2] ?? loadAppPath()))
} catch (error) {
  const plain = error instanceof ConfigError || error instanceof AppNotLoaded
  const text = plain ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`\n${text}\n`)
  process.exitCode = 1
}
