import type { Script } from '../../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import {
  type HoldfastProcess,
  type ListeningProcess,
  spawnHoldfast,
  startApiProcess,
  variablesFor,
} from '../../../support/holdfast-process.ts'
import { createEmptyDatabase } from '../../../support/postgres-database.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../../support/temporal.ts'

/** Where a process's code is: this repository, or an earlier release. */
export interface Code {
  readonly cwd: string
  /** The application's file. */
  readonly app: string
  /** What its workers need and the others would refuse as unknown. */
  readonly ofWorkers: Readonly<Record<string, string>>
}

export const PAY_DESK = 'test/system/chaos/support/pay-desk/app.ts'

const HERE: Code = { cwd: '.', app: PAY_DESK, ofWorkers: { HOLDFAST_WORKER_PORT: '0' } }

/** APIs and workers of the pay desk as processes, of one release or of two, on one database and one Temporal. */
export interface Deployment {
  readonly temporal: TemporalEnvironment
  readonly databaseUrl: string
  startApi(code?: Code): Promise<ListeningProcess>
  /** Resolves when it runs. */
  startWorker(code?: Code): Promise<HoldfastProcess>
  close(): Promise<void>
}

/** Nothing runs yet, and the database is empty: the first process migrates it. */
export async function openDeployment(script: Script): Promise<Deployment> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const { url: databaseUrl, drop } = await createEmptyDatabase()
  cleanup.defer(drop)
  const provider = await startScriptedProvider({ script })
  cleanup.defer(() => provider.close())
  const processes: HoldfastProcess[] = []
  cleanup.defer(async () => {
    await Promise.all(processes.map((process) => process.kill()))
  })
  const variables = { ...variablesFor({ databaseUrl, temporal, provider }), LOG_LEVEL: 'info' }
  const open = cleanup.move()
  return {
    temporal,
    databaseUrl,
    async startApi({ cwd, app } = HERE) {
      const api = await startApiProcess({ app, variables, cwd })
      processes.push(api)
      return api
    },
    async startWorker({ cwd, app, ofWorkers } = HERE) {
      const worker = spawnHoldfast({
        command: 'worker',
        app,
        variables: { ...variables, ...ofWorkers },
        cwd,
      })
      processes.push(worker)
      await worker.says('"worker runs"')
      return worker
    },
    close: () => open.disposeAsync(),
  }
}
