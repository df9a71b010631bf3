import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { TracesConfig } from '../../../src/config/traces.ts'
import { scriptedProviders } from '../../../src/local/scripted-providers.ts'
import { startService } from '../../../src/local/start-service.ts'
import { toAppDatabase } from '../../../src/store/database/app-database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPglite } from '../../../src/store/database/pglite.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { openTelemetry } from '../../../src/telemetry/open-telemetry.ts'
import { installRuntime } from '../../../src/worker/install-runtime.ts'
import { createBareActivities } from './bare/activities.ts'
import { benchDesk, EVERY_GUARD, EVERY_GUARD_WITH_TOOLS, seedBench } from './desk/app.ts'

/*
 * One system a process, so that their processor time can be told apart:
 * `node systems.ts <kind> <temporal address> <provider url> [database url] [collector url]`. Says where it listens, ends with its parent.
 *
 * `bare`: the loop. `agent`: our service as it comes. `guarded`: with an answer cache and limits as well. `guarded-with-tools`: the cache
 * is asked after tools, too. `unguarded`: without circuit breakers and shared pauses. `watched`: spans are sent and metrics counted, and no
 * dossiers are kept. `unwatched`: without all three. `with-dossier`: dossiers alone. `walled`: our service as it comes. `unwalled`: without
 * row-level security.
 */

const GUARDS: Record<string, Parameters<typeof benchDesk>[0]> = {
  guarded: EVERY_GUARD,
  'guarded-with-tools': EVERY_GUARD_WITH_TOOLS,
}
const [kind, address = '', providerUrl = '', databaseUrl, collectorUrl = ''] = process.argv.slice(2)
const logger = createLogger({ levels: { base: 'error', areas: {} }, format: 'json', secrets: [] })
installRuntime(logger)

if (kind === 'bare') {
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue: 'bare',
    workflowsPath: fileURLToPath(new URL('bare/workflow.ts', import.meta.url)),
    activities: createBareActivities(providerUrl),
    maxConcurrentActivityTaskExecutions: 200,
  })
  process.send?.({ url: '' })
  await worker.run()
} else {
  const app = benchDesk(GUARDS[kind ?? ''] ?? {})
  const database = databaseUrl ? openPostgres({ url: databaseUrl, logger }) : await openPglite({})
  await migrate(database, app)
  // Looked for once, before the first statement for a tenant.
  if (kind === 'unwalled') await database.query({ text: 'alter table runs disable row level security' })
  await seedBench(toAppDatabase(database))
  const metrics = kind === 'watched' ? createMetrics({ tenants: false }) : undefined
  const { telemetry } = await openTelemetry({
    secrets: [],
    traces: kind === 'watched' ? tracesTo(collectorUrl) : null,
    sinks: metrics === undefined ? [] : [metrics.sink],
    logger,
    instance: 'bench',
    database: () => database,
  })
  const service = await startService({
    app,
    temporal: { address, namespace: 'default', taskQueue: kind ?? 'agent' },
    database,
    providers: scriptedProviders(app.models, providerUrl),
    api: { host: '127.0.0.1', port: 0 },
    access: 'open',
    webUiUrl: null,
    logger,
    telemetry,
    ...(metrics && { metrics }),
    ...((kind === 'watched' || kind === 'unwatched') && { dossier: 'off' as const }),
    ...(kind === 'unguarded' && { breakers: null, keepsPauses: false }),
  })
  process.send?.({ url: service.url })
  await service.ended
}

function tracesTo(collectorUrl: string): TracesConfig {
  return {
    url: `${collectorUrl}/v1/traces`,
    headers: {},
    serviceName: 'holdfast',
    resource: {},
    sampler: 'parentbased_always_on',
    ratio: 1,
    content: false,
  }
}
