import { parseArgs } from 'node:util'
import { loadConfig } from '../../config/config.ts'
import { failureText } from '../../local/failure-text.ts'
import { StartError } from '../../local/start-error.ts'
import { createLogger } from '../../telemetry/logs/create-logger.ts'
import { installRuntime } from '../../worker/install-runtime.ts'
import { bundleWorkflows } from '../../worker/workflow-bundle.ts'
import { CommandError } from '../command-error.ts'
import { usageLineOf } from '../help.ts'
import { loadHistories } from './load-histories.ts'
import { replayHistories } from './replay-histories.ts'

interface ReplayArguments {
  readonly names: readonly string[]
  /** 0: none. */
  readonly recent: number
  readonly query: string | undefined
}

/** `holdfast replay`: plays recorded histories on the code as it stands. Whatever cannot be replayed gives exit code 2. */
export async function replay(args: readonly string[]): Promise<number> {
  try {
    return await replayAll(readArguments(args))
  } catch (error) {
    process.stderr.write(`${failureText(error)}\n`)
    return 2
  }
}

async function replayAll({ names, recent, query }: ReplayArguments): Promise<number> {
  const config = loadConfig()
  installRuntime(createLogger({ ...config.log, levels: { base: 'error', areas: {} } }))

  let failed = 0
  let replayed = 0
  const histories = loadHistories(config.temporal, names, recent, query)
  for await (const { name, problem } of replayHistories(await bundleWorkflows(), histories)) {
    replayed += 1
    if (problem !== null) failed += 1
    process.stdout.write(problem === null ? `  ok    ${name}\n` : `  FAIL  ${name}\n        ${problem}\n`)
  }
  if (replayed === 0) throw new StartError('There is nothing to replay: Temporal has no such run.')
  process.stdout.write(`${replayed} replayed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

function readArguments(args: readonly string[]): ReplayArguments {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { recent: { type: 'string' }, query: { type: 'string' } },
    })
    const recent = values.recent === undefined ? 0 : Number(values.recent)
    const makesSense = values.recent === undefined ? positionals.length > 0 : recent > 0
    if (Number.isInteger(recent) && makesSense) return { names: positionals, recent, query: values.query }
  } catch {
    // The usage explains more than the parser's message.
  }
  throw new CommandError(usageLineOf('replay'))
}
