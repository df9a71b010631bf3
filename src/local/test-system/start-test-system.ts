import { randomBytes } from 'node:crypto'
import { type Logger, pino } from 'pino'
import type { StartRunBody } from '../../api/runs/run.schema.ts'
import type { App } from '../../app/app.ts'
import type { AppDatabase } from '../../app/app-database.ts'
import { ConfigError, loadConfig, loadVariables } from '../../config/config.ts'
import {
  createModelExpectations,
  type ExpectedModelCall,
} from '../../testing/expectations/model-expectations.ts'
import type { RecordedRequest } from '../../testing/recorded-request.ts'
import type { Script } from '../../testing/script.ts'
import type { ScriptedProvider, ScriptedProviderOptions } from '../../testing/start-scripted-provider.ts'
import { allOrNone } from '../all-or-none.ts'
import { bundleOnce } from './bundle-once.ts'
import { createHttpCaller, type HttpCaller } from './http-caller.ts'
import { openOwnDatabase } from './open-own-database.ts'
import { createPersonKeys, type Person } from './person-keys.ts'
import { requireRuntime } from './require-runtime.ts'
import { newTaskQueue, startSystem } from './start-system.ts'
import { startTestTemporal } from './start-test-temporal.ts'
import { createTestRun, type TestRun } from './test-run.ts'

export interface TestSystemOptions {
  readonly app: App
  /** Environment variables for the application; those of the process where they are not given. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Fills the database before the first run. */
  readonly seed?: (db: AppDatabase) => Promise<void>
  /** Answers every model call in place of expectations. */
  readonly script?: Script
  /** What a model call costs in micro-USD, for the ledger of `provider`. */
  readonly price?: ScriptedProviderOptions['price']
  /** A Postgres server, with a role that may create databases, for a database of the system's own; in memory where it is not given. */
  readonly databaseUrl?: string
}

/** What a run is started with, as in the body of `POST /v1/runs`. */
export interface StartTestRun extends StartRunBody {
  /** Whose run it is; `tester` where it is not given. */
  readonly as?: Person
  /** The same key starts the same run, and is the last part of the workflow's id. */
  readonly idempotencyKey?: string
}

/** The whole system in this process, over an empty database and scripted models. */
export interface TestSystem extends AsyncDisposable {
  /** `http://host:port` of the API. */
  readonly url: string
  /** Where the runs' workflows are, for a Temporal client of the test's own. */
  readonly temporal: { readonly address: string; readonly namespace: string }
  /** The application's database, to arrange and to look. */
  readonly db: AppDatabase
  /** Model calls so far, as the provider has received them. */
  readonly modelCalls: readonly RecordedRequest[]
  /** The scripted models' server: it goes away, takes less, and keeps a ledger. */
  readonly provider: Omit<ScriptedProvider, 'close'>
  /** The next model call, in the order in which the calls come; see `createModelExpectations`. */
  expectModelCall(): ExpectedModelCall
  start(run: StartTestRun): Promise<TestRun>
  /** A client of the API with this person's key. */
  as(person: Person): Promise<HttpCaller>
  /** Stops everything. Throws `ExpectationError` where the model calls were not those that were expected. */
  close(): Promise<void>
}

const TESTER: Person = 'tester'

/**
 * Starts API, worker, store and a Temporal server for tests of an application. Its models are scripted: the test says which model calls
 * it expects, and how each is answered.
 *
 * @example
 * await using system = await startTestSystem({ app })
 * system.expectModelCall().toSee('Where is P-1001?').answer({ tool: 'find_parcel', arguments: { number: 'P-1001' } })
 * system.expectModelCall().toSee('Leipzig').answer('It is in Leipzig.')
 * const run = await system.start({ agent: 'parcels', input: 'Where is P-1001?' })
 * assert.equal((await run.end()).output, 'It is in Leipzig.')
 */
export async function startTestSystem(options: TestSystemOptions): Promise<TestSystem> {
  const { app } = options
  const config = loadConfig()
  const appEnv = readAppEnv(app, options.env ?? loadVariables())
  const logger = createTestLogger(config.log.levels.base)
  requireRuntime(logger)
  const expectations = createModelExpectations()

  await using cleanup = new AsyncDisposableStack()
  const [temporal, database, workflowBundle] = await allOrNone([
    startTestTemporal(config).then((started) => {
      cleanup.defer(() => started.stop())
      return started
    }),
    openOwnDatabase(config.cacheDir, options.databaseUrl).then((opened) => {
      cleanup.defer(() => opened.close())
      return opened
    }),
    bundleOnce(),
  ])
  const system = await startSystem({
    app,
    appEnv,
    temporal: { ...config.temporal, address: temporal.address, taskQueue: newTaskQueue() },
    database,
    ...(options.seed !== undefined && { seed: options.seed }),
    script: options.script ?? expectations.script,
    ...(options.price !== undefined && { price: options.price }),
    access: { secret: randomBytes(32).toString('base64url') },
    logger,
    workflowBundle,
  })
  cleanup.defer(() => system.close())
  const open = cleanup.move()

  const { service, provider, db } = system
  const keyOf = createPersonKeys(database)
  const callerFor = async (person: Person) => createHttpCaller(service.url, await keyOf(person))
  const orFail = <T>(work: Promise<T>): Promise<T> => Promise.race([work, expectations.failed])
  const close = async () => {
    await open.disposeAsync()
    if (options.script === undefined) expectations.verify()
  }
  return {
    url: service.url,
    temporal: { address: temporal.address, namespace: config.temporal.namespace },
    db,
    modelCalls: provider.requests,
    provider,
    expectModelCall: expectations.expectModelCall,
    async start({ as = TESTER, idempotencyKey, ...body }) {
      const owner = await callerFor(as)
      const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const { id } = await owner.post<{ id: string }>('/v1/runs', body, headers)
      return createTestRun({ id, owner, callerFor, orFail })
    },
    as: callerFor,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function readAppEnv({ environment }: App, variables: Readonly<Record<string, string | undefined>>): unknown {
  const read = environment.read(variables)
  if ('env' in read) return read.env
  throw new ConfigError(read.problems)
}

/** A system under test logs nothing, unless LOG_LEVEL is below `info`. */
function createTestLogger(level: string): Logger {
  return pino(
    { level: ['trace', 'debug'].includes(level) ? level : 'silent' },
    pino.destination({ fd: 2, sync: true }),
  )
}
