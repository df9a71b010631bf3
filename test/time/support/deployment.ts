import shop from '../../../examples/shop/app.ts'
import { createAdmission } from '../../../src/activities/approvals/admission.ts'
import { scriptedProviders } from '../../../src/local/scripted-providers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { createAppActivities } from '../../../src/worker/app-activities.ts'
import { createWorker } from '../../../src/worker/create-worker.ts'
import type { TemporalEnvironment } from '../../support/temporal.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import { requireTestRuntime, testLogger } from '../../support/test-runtime.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'

/** A worker of one deploy. */
export interface Deployment {
  /** Its end, once; it is over when it has let go of everything. */
  stop(): Promise<void>
}

/** A worker as it ships: the real workflows, activities and tools. `modelsUrl` is where the models are. */
export async function deploy(
  { connection, namespace, taskQueue }: TemporalEnvironment,
  database: Database,
  modelsUrl: string,
): Promise<Deployment> {
  requireTestRuntime()
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities: createAppActivities({
      app: shop,
      outside: NO_OUTSIDE,
      database,
      logger: testLogger,
      providers: scriptedProviders(shop.models, modelsUrl),
      admits: createAdmission('all'),
      pricesPath: null,
      dialectsPath: null,
    }),
    workflowBundle: await testWorkflowBundle(),
  })
  const ended = worker.run()
  return {
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await ended
    },
  }
}
