import { randomBytes } from 'node:crypto'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { makeKey } from '../../../api/support/test-keys.ts'
import { startApiProcess } from '../../../support/holdfast-process.ts'
import { openPostgresTestDatabase } from '../../../support/postgres-database.ts'
import { temporalEnvironment } from '../../../support/temporal.ts'
import { startWorkerProcess } from '../../chaos/support/worker-process.ts'
import { createCaller } from '../../runs/support/caller.ts'
import type { Pages } from './pages.ts'
import { playHour } from './play-hour.ts'
import { script } from './script.ts'

/** An API and a worker as processes, over a store, Temporal and scripted models. */
export interface Stack extends Pages {
  readonly taskQueue: string
  /** Has everything happen that a panel shows; no hour is played twice. */
  play(hour: string): Promise<void>
  close(): Promise<void>
}

const APP = 'test/system/dashboards/support/app.ts'

export async function startStack(): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const { database, url: databaseUrl, close } = await openPostgresTestDatabase()
  cleanup.defer(close)
  const provider = await startScriptedProvider({ script })
  cleanup.defer(() => provider.close())
  const variables = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_TASK_QUEUE: temporal.taskQueue,
    HOLDFAST_AUTH: 'keys',
    HOLDFAST_SECRET: randomBytes(32).toString('hex'),
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_API_KEY: 'test',
    ANTHROPIC_BASE_URL: provider.url,
  }
  const api = await startApiProcess({ app: APP, variables })
  cleanup.defer(async () => void (await api.terminate()))
  const worker = await startWorkerProcess(variables, undefined, APP)
  cleanup.defer(async () => void (await worker.terminate()))
  const keyOf = (principal: string) => makeKey(database, { principal })
  const office = {
    temporal,
    caller: createCaller(api.url, (await keyOf('ann')).headers),
    decider: createCaller(api.url, (await keyOf('bob')).headers),
  }
  const scraper = await makeKey(database, { principal: 'prometheus', scopes: ['metrics:read'] })
  const running = cleanup.move()
  return {
    api: { target: new URL(api.url).host },
    worker: { target: new URL(worker.url).host },
    key: scraper.text,
    taskQueue: temporal.taskQueue,
    play: (hour) => playHour(office, hour),
    close: () => running.disposeAsync(),
  }
}
