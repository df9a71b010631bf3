import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config.ts'
import { createLogger } from '../logger.ts'
import { installRuntime } from '../worker/install-runtime.ts'
import { bundleWorkflows } from '../worker/workflow-bundle.ts'
import { historiesFrom } from './replay/histories-from.ts'
import { replayHistories } from './replay/replay-histories.ts'
import { StartError } from './start-error.ts'

/*
 * `npm run replay -- <file.json … | workflow id … | --recent N>`: plays recorded histories on the code as it stands. Exit code
 * 0: all of them replay. 1: one does not, so this code must not meet runs that are under way. 2: nothing was replayed.
 */

const USAGE =
  'Usage: npm run replay -- <history file or workflow id> … | --recent N [--query "<visibility query>"]'

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { recent: { type: 'string' }, query: { type: 'string' } },
  })
  const recent = values.recent === undefined ? 0 : Number(values.recent)
  if (!Number.isInteger(recent) || recent < 0 || (positionals.length === 0 && recent === 0)) {
    throw new StartError(USAGE)
  }
  const config = loadConfig()
  installRuntime(createLogger({ ...config.log, level: 'error' }))

  let failed = 0
  let replayed = 0
  const histories = historiesFrom(config.temporal, positionals, recent, values.query)
  for await (const { name, problem } of replayHistories(await bundleWorkflows(), histories)) {
    replayed += 1
    if (problem !== null) failed += 1
    process.stdout.write(problem === null ? `  ok    ${name}\n` : `  FAIL  ${name}\n        ${problem}\n`)
  }
  process.stdout.write(`${replayed} replayed, ${failed} failed\n`)
  if (replayed === 0) throw new StartError('There was nothing to replay.')
  return failed === 0 ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  const plain = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(`${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  return 2
})
