import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
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

/** Most test files wait for servers and timers more than they compute: two processors have time for three. */
const CONCURRENCY = Math.ceil(1.5 * Math.max(2, availableParallelism()))

/**
 * Files whose claims are times of the clock, on a machine that is not overloaded. They wait more than they compute, and run before the others, two at
 * a time.
 */
const QUIET = [
  'test/local/stack.test.ts',
  'test/system/chaos/servers-away.test.ts',
  'test/system/chaos/runs-through-outages.test.ts',
  'test/system/queue/fairness.test.ts',
  'test/system/runs/provider-asks-to-wait.test.ts',
]

const EXEC_ARGV = [
  // Examples import the product by its name, and get its source.
  '--conditions=source',
  // Most tests are over before it pays to optimise the code of PGlite: only functions that are used for long are compiled a second time.
  '--wasm-tiering-budget=200000000',
]

/** Files that are named at the end with how long they took. */
const NAMED_LONGEST = 15

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
  return await runTests(files.length > 0 ? globSync([...files]) : wholeSuite(), {
    // Each test file is a process, and many start others: what one has compiled the next ones read.
    NODE_COMPILE_CACHE: join(directory, 'compiled'),
    TEST_DIRECTORY: directory,
    TEST_TEMPORAL_ADDRESS: address,
    TEST_DATABASE_URL: databaseUrl,
    TEST_WORKFLOW_BUNDLE: bundle,
  })
}

/** Tests of the whole system are the long ones, and wait most of the time: one after every three others, so that none is left for the end. */
function wholeSuite(): string[] {
  const all = globSync(['test/**/*.test.ts', 'examples/*/test/*.test.ts']).sort()
  const [system = [], others = []] = [true, false].map((wanted) =>
    all.filter((file) => file.startsWith('test/system/') === wanted),
  )
  return [
    ...others.flatMap((file, at) => (at % 3 === 0 ? [...system.splice(0, 1), file] : [file])),
    ...system,
  ]
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
async function runTests(files: readonly string[], environment: Record<string, string>): Promise<number> {
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort())
  Object.assign(process.env, environment)
  const tookMs = new Map<string, number>()
  const lanes = [
    { files: files.filter((file) => QUIET.includes(file)), concurrency: 2 },
    { files: files.filter((file) => !QUIET.includes(file)), concurrency: CONCURRENCY },
  ]
  let succeeded = true
  for (const lane of lanes) {
    if (lane.files.length === 0 || stopped.signal.aborted) continue
    if (!(await runLane({ ...lane, signal: stopped.signal }, tookMs))) succeeded = false
  }
  if (files.length > NAMED_LONGEST) sayLongest(tookMs)
  return succeeded && !stopped.signal.aborted ? 0 : 1
}

/** Resolves to whether all of them passed. Adds up how long each file took. */
async function runLane(
  lane: { readonly files: string[]; readonly concurrency: number; readonly signal: AbortSignal },
  tookMs: Map<string, number>,
): Promise<boolean> {
  const tests = run({
    ...lane,
    timeout: TEST_TIMEOUT_MS,
    execArgv: EXEC_ARGV,
  })
  let succeeded = false
  const add = ({
    nesting,
    file,
    details,
  }: {
    nesting: number
    file?: string
    details: { duration_ms: number }
  }) => {
    if (nesting === 0 && file !== undefined) tookMs.set(file, (tookMs.get(file) ?? 0) + details.duration_ms)
  }
  tests.on('test:pass', add).on('test:fail', add)
  tests.on('test:summary', ({ file, success }) => {
    if (file === undefined) succeeded = success
  })
  await new Promise((resolve) =>
    tests.compose(spec).once('end', resolve).pipe(process.stdout, { end: false }),
  )
  return succeeded
}

function sayLongest(tookMs: ReadonlyMap<string, number>): void {
  const longest = [...tookMs].sort(([, one], [, other]) => other - one).slice(0, NAMED_LONGEST)
  process.stdout.write('\nThe longest files, in seconds:\n')
  for (const [file, ms] of longest)
    process.stdout.write(`${(ms / 1_000).toFixed(1).padStart(6)}  ${relative(process.cwd(), file)}\n`)
}

process.exitCode = await main(process.argv.slice(2))
