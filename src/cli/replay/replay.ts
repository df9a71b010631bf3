import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../../config.ts'
import { StartError } from '../../local/start-error.ts'
import { createLogger } from '../../logger.ts'
import { installRuntime } from '../../worker/install-runtime.ts'
import { bundleWorkflows } from '../../worker/workflow-bundle.ts'
import { historiesFrom } from './histories-from.ts'
import { replayHistories } from './replay-histories.ts'

/*
 * `npm run replay -- <file.json … | workflow id … | --recent N>`: plays recorded histories on the code as it stands. Exit code
 * 0: all of them replay. 1: one does not, so this code must not meet runs that are under way. 2: not all that was asked
 * for could be replayed.
 */

const USAGE =
  'Usage: npm run replay -- <history file or workflow id> … | --recent N [--query "<visibility query>"]'

interface Asked {
  readonly names: readonly string[]
  /** 0: none. */
  readonly recent: number
  readonly query: string | undefined
}

async function main(): Promise<number> {
  const { names, recent, query } = readArguments()
  const config = loadConfig()
  installRuntime(createLogger({ ...config.log, level: 'error' }))

  let failed = 0
  let replayed = 0
  const histories = historiesFrom(config.temporal, names, recent, query)
  for await (const { name, problem } of replayHistories(await bundleWorkflows(), histories)) {
    replayed += 1
    if (problem !== null) failed += 1
    process.stdout.write(problem === null ? `  ok    ${name}\n` : `  FAIL  ${name}\n        ${problem}\n`)
  }
  if (replayed === 0) throw new StartError('There is nothing to replay: Temporal has no such run.')
  process.stdout.write(`${replayed} replayed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

function readArguments(): Asked {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { recent: { type: 'string' }, query: { type: 'string' } },
    })
    const recent = values.recent === undefined ? 0 : Number(values.recent)
    const makesSense = values.recent === undefined ? positionals.length > 0 : recent > 0
    if (Number.isInteger(recent) && makesSense) return { names: positionals, recent, query: values.query }
  } catch {
    // It says what it would have liked; the usage says it better.
  }
  throw new StartError(USAGE)
}

process.exitCode = await main().catch((error: unknown) => {
  const plain = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(`${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  return 2
})
