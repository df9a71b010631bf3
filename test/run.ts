import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflows } from '../src/worker/workflow-bundle.ts'
import { installPrograms, requirePrograms } from './support/machine-programs.ts'
import { startPostgres } from './support/postgres.ts'
import { startTestTemporal } from './support/temporal.ts'

/*
 * `node test/run.ts [file …]`: the test suite, or a part of it, over one Temporal server and one Postgres server that are
 * started for it (or are there already: TEST_TEMPORAL_ADDRESS, TEST_DATABASE_URL).
 */

/** A test that hangs fails after this long, and with it the run. Tests that are made longer by hand want more. */
const TEST_TIMEOUT_MS = Number(process.env['TEST_TIMEOUT_S'] ?? 600) * 1_000

/** Most test files wait for servers and timers more than they compute. */
const CONCURRENCY = Math.max(2, availableParallelism())

async function main(files: readonly string[]): Promise<number> {
  await using cleanup = new AsyncDisposableStack()
  installPrograms()
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-tests-'))
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
  const [address, databaseUrl, bundle] = await Promise.all([
    temporalAddress(cleanup),
    postgresUrl(cleanup),
    workflowBundle(directory),
  ])
  // Awaited here: the servers go when this scope is left.
  return await runTests(
    files.length > 0 ? files : globSync(['test/**/*.test.ts', 'examples/*/test/*.test.ts']).sort(),
    {
      TEST_DIRECTORY: directory,
      TEST_TEMPORAL_ADDRESS: address,
      TEST_DATABASE_URL: databaseUrl,
      TEST_WORKFLOW_BUNDLE: bundle,
    },
  )
}

async function temporalAddress(cleanup: AsyncDisposableStack): Promise<string> {
  const given = process.env['TEST_TEMPORAL_ADDRESS']
  if (given !== undefined) return given
  const server = await startTestTemporal()
  cleanup.defer(() => server.stop())
  return server.address
}

async function postgresUrl(cleanup: AsyncDisposableStack): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined) return given
  requirePrograms('postgresql')
  const server = await startPostgres()
  cleanup.defer(() => server.stop())
  return server.url
}

/** Where the bundled workflows are: bundling takes seconds, and every file with a worker needs it. */
async function workflowBundle(directory: string): Promise<string> {
  const file = join(directory, 'workflows.js')
  writeFileSync(file, (await bundleWorkflows()).code)
  return file
}

/** Resolves to the exit code. A signal goes to the tests first, so that they clean up before their servers go. */
function runTests(files: readonly string[], environment: Record<string, string>): Promise<number> {
  const flags = [
    '--test',
    // Examples import the product by its name, and get its source.
    '--conditions=source',
    '--test-reporter=spec',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-concurrency=${CONCURRENCY}`,
  ]
  const child = spawn(process.execPath, [...flags, ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

process.exitCode = await main(process.argv.slice(2))
