import { createAdmission } from '../../src/activities/approvals/admission.ts'
import { createRunReaders } from '../../src/activities/events/run-readers.ts'
import type { App } from '../../src/index.ts'
import { scriptedProviders } from '../../src/local/scripted-providers.ts'
import type { Database } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { NO_TELEMETRY } from '../../src/telemetry/telemetry.ts'
import type { Script } from '../../src/testing/script.ts'
import { startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import { createAppActivities } from '../../src/worker/app-activities.ts'
import { createWorker } from '../../src/worker/create-worker.ts'
import office from './office.ts'
import type { TemporalEnvironment } from './temporal.ts'
import { NO_OUTSIDE } from './test-app.ts'
import { requireTestRuntime, testLogger } from './test-runtime.ts'
import { testWorkflowBundle } from './workflow-bundle.ts'

export interface WorkerOptions {
  /** The office where none is given; it has neither environment nor services. */
  readonly app?: App
  /** What the models say. */
  readonly script: Script
  /** The product's own number where it is not given. */
  readonly maxConcurrentActivities?: number
  /** What decisions and changes of budgets have to be signed with; without it the worker believes everybody. */
  readonly secret?: string
}

export interface TestWorker {
  /** Resolves once the worker has let go of everything. */
  stop(): Promise<void>
}

/**
 * A worker alone, with scripted models: for tests in which workers come and go while the store and Temporal stay. The workflows, the
 * activities and the adapters are those that ship.
 */
export async function startWorker(
  temporal: TemporalEnvironment,
  database: Database,
  { app = office, script, secret, maxConcurrentActivities }: WorkerOptions,
): Promise<TestWorker> {
  requireTestRuntime()
  await using cleanup = new AsyncDisposableStack()
  await migrate(database, app)
  const models = await startScriptedProvider({ script })
  cleanup.defer(() => models.close())
  const readers = createRunReaders(database, testLogger)
  cleanup.defer(() => readers.close())
  await readers.listen()
  const { connection, namespace, taskQueue } = temporal
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities: createAppActivities({
      telemetry: NO_TELEMETRY,
      app,
      outside: NO_OUTSIDE,
      database,
      logger: testLogger,
      readers,
      providers: scriptedProviders(app.models, models.url),
      admits: createAdmission(secret === undefined ? 'all' : { signedWith: secret }),
      pricesPath: null,
      dialectsPath: null,
      limitsPath: null,
    }),
    workflowBundle: await testWorkflowBundle(),
    ...(maxConcurrentActivities !== undefined && { maxConcurrentActivities }),
  })
  const ended = worker.run()
  cleanup.defer(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await ended
  })
  const running = cleanup.move()
  return { stop: () => running.disposeAsync() }
}
