import type { Command } from 'commander'
import { ConfigError, loadConfig } from '../../config/config.ts'
import { apiAddressOf } from '../api/api-address.ts'
import { type ApiOptions, withApiOptions } from '../api/api-command.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { nodeProblem } from '../node-problem.ts'
import { say, sayJson } from '../output.ts'
import { createProgram } from '../program.ts'
import { type Check, fail, ok } from './check.ts'
import { checkApi } from './check-api.ts'
import { checkStore } from './check-store.ts'
import { checkTemporal } from './check-temporal.ts'

/** `holdfast doctor`: whether everything that runs need is there, and what to do where it is not. */
export function doctorProgram(): Command {
  return withApiOptions(createProgram('doctor')).action(examine)
}

async function examine({ url, json = false }: ApiOptions): Promise<void> {
  let failed = 0
  for await (const check of checks(url ?? null)) {
    if (check.state === 'fail') failed += 1
    if (json) sayJson(check)
    else print(check)
  }
  if (failed > 0)
    throw new CommandError(`${failed} ${failed === 1 ? 'check' : 'checks'} failed.`, EXIT.failed)
}

/** Each check as soon as it is made. */
async function* checks(url: string | null): AsyncGenerator<Check> {
  const problem = nodeProblem()
  yield problem === null
    ? ok('node', `Node ${process.versions.node}`)
    : fail('node', 'Node is too old', problem)
  const config = readConfiguration()
  if ('check' in config) {
    yield config
    return
  }
  yield ok('configuration', 'can be used')
  // A machine that only asks an API elsewhere has neither store nor Temporal.
  const isClient = (url ?? config.client.apiUrl) !== null
  if (!isClient || config.databaseUrl !== null) yield* await checkStore(config)
  if (!isClient || config.temporal.address !== null) yield* await checkTemporal(config)
  yield* await checkApi(apiAddressOf(config, url))
}

function readConfiguration() {
  try {
    return loadConfig()
  } catch (error) {
    if (error instanceof ConfigError)
      return fail('configuration', 'cannot be used', `${error.problems.join('; ')}.`)
    throw error
  }
}

function print({ check, state, found, advice }: Check): void {
  say(`${state.padEnd(4)}  ${check.padEnd(13)}  ${found}`)
  if (advice !== undefined) say(`${' '.repeat(21)}→ ${advice}`)
}
