import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { readApiLimits } from '../api/limits/read-api-limits.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import { OTHER_API_PORT } from '../contracts/processes/unusable-port.ts'
import { migrate } from '../store/database/migrate.ts'
import { newProcessId } from '../store/processes/process-id.ts'
import { logFacts } from '../telemetry/logs/log-facts.ts'
import { buildInfo } from '../telemetry/metrics/build-info.ts'
import type { Metrics } from '../telemetry/metrics/create-metrics.ts'
import { openTelemetry } from '../telemetry/open-telemetry.ts'
import { outageFacts } from '../telemetry/outage-facts.ts'
import { slowStatementFacts } from '../telemetry/slow-statement-facts.ts'
import { buildIdOf } from '../worker/build-id.ts'
import { coreMetrics } from '../worker/core-metrics.ts'
import { installRuntimeWithMetrics } from '../worker/install-runtime.ts'
import { type ModelGap, warnOfModelGaps } from '../worker/model-gaps.ts'
import { bundleWorkflows } from '../worker/workflow-bundle.ts'
import { allOrNone } from './all-or-none.ts'
import { type LocalKey, localKey } from './local-key.ts'
import { localSecret } from './local-secret.ts'
import { acquireLock, type Lock, LockHeld } from './lock-file.ts'
import { describeStore, openStore } from './open-store.ts'
import { requirePort } from './ports.ts'
import type { Progress } from './progress.ts'
import { StartError } from './start-error.ts'
import { type Models, startModels } from './start-models.ts'
import { startService } from './start-service.ts'
import { startTemporal } from './start-temporal.ts'

export interface StackOptions {
  readonly app: App
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
  readonly progress: Progress
  /** Aborted when the stack is to stop while it is still starting. */
  readonly signal: AbortSignal
  /** Each part that has started adds its own stop. */
  readonly cleanup: AsyncDisposableStack
}

/** A stack that is up: its addresses for the banner, and how to go on with a changed application. */
export interface Stack {
  readonly apiUrl: string
  readonly temporal: { readonly address: string; readonly uiUrl: string | null; readonly namespace: string }
  readonly store: string
  readonly models: string
  /** The keys and prices that the application's models lack, a text each. */
  readonly modelGaps: readonly string[]
  /** The admin key of the local stack; null where the API asks for no key. */
  readonly key: LocalKey | null
  /**
   * Goes on with a later state of the application: its new migrations, its variables and the providers that it has now. Where that
   * fails, the worker stays as it was. Resolves with which models answer now, as in `models`.
   */
  replaceApp(app: App, config: Pick<Config, 'appEnv' | 'providers'>): Promise<string>
  /** Resolves with a sentence, or rejects, when a part has ended by itself. */
  readonly broken: Promise<string>
}

/**
 * Brings up the whole local stack. Parts that don't need each other start together; each adds its stop to `cleanup` as soon as it has
 * started, so a stack that fails half-way can be taken down like one that is up.
 *
 * @throws StartError for what a person can mend
 */
export async function startStack({
  app,
  config,
  logger,
  metrics,
  progress,
  signal,
  cleanup,
}: StackOptions): Promise<Stack> {
  makeDataDir(config.dataDir)
  const lock = lockDataDir(config.dataDir)
  cleanup.defer(() => lock.release())
  // Before anything is started. Port 0 is chosen by the server itself: a free one that is looked up here may be taken by then.
  if (config.api.port !== 0) await requirePort(config.api.host, config.api.port, OTHER_API_PORT)

  const opened = await openTelemetry({
    traces: config.traces,
    secrets: config.log.secrets,
    sinks: [metrics.sink, logFacts(logger)],
    logger,
    instance: newProcessId(),
    buildId: () => buildIdOf(workflowBundle),
    database: () => database,
  })
  const { telemetry } = opened
  const runtime = await installRuntimeWithMetrics(logger, outageFacts(telemetry, 'temporal'))
  metrics.append(() => coreMetrics(runtime.metricsAt))

  let models: Models | undefined
  const [temporal, database, { providers, description }, workflowBundle] = await allOrNone([
    startTemporal(config, app, progress).then((started) => {
      cleanup.defer(() => started.stop())
      return started
    }),
    openStore(config, app, logger, {
      onOutage: outageFacts(telemetry, 'store'),
      onSlow: slowStatementFacts(telemetry),
    }).then((opened) => {
      cleanup.defer(() => opened.close())
      return opened
    }),
    startModels(config, app).then((started) => {
      models = started
      cleanup.defer(() => models?.stop())
      return started
    }),
    bundleWorkflows(),
  ])
  cleanup.use(opened)
  signal.throwIfAborted()
  metrics.read(buildInfo('all', buildIdOf(workflowBundle)))

  // The banner shows the gaps of the start, so the log only warns of those of later states of the application.
  const gapsAtStart: ModelGap[] = []
  let isUp = false
  const onModelGaps = (gaps: readonly ModelGap[]) => {
    if (isUp) warnOfModelGaps(gaps, logger)
    else gapsAtStart.push(...gaps)
  }
  const service = await startService({
    app,
    appEnv: config.appEnv,
    temporal: { ...config.temporal, address: temporal.address },
    database,
    providers,
    pricesPath: config.pricesPath,
    dialectsPath: config.dialectsPath,
    limitsPath: config.limitsPath,
    embeddings: config.embeddings,
    dossier: config.dossier,
    onModelGaps,
    api: config.api,
    access: config.auth === 'none' ? 'open' : { secret: config.secret ?? localSecret(config.dataDir) },
    logger,
    telemetry,
    logsContent: config.log.content,
    temporalWatch: runtime.watch,
    metrics,
    metricsOpenTo: config.metrics.openTo,
    webUiUrl: config.webUiUrl ?? temporal.uiUrl,
    dailyReport: config.dailyReport,
    webhookHosts: config.webhookHosts,
    callers: {
      tokens: config.tokens,
      corsOrigins: config.corsOrigins,
      limits: readApiLimits(config.apiLimitsPath),
    },
    workflowBundle,
  })
  cleanup.defer(() => service.stop())
  isUp = true
  return {
    key: config.auth === 'none' ? null : await localKey(config.dataDir, database),
    apiUrl: service.url,
    temporal: { address: temporal.address, uiUrl: temporal.uiUrl, namespace: config.temporal.namespace },
    store: describeStore(config.databaseUrl),
    models: description,
    modelGaps: gapsAtStart.map(({ text }) => text),
    async replaceApp(next, { appEnv, providers }) {
      await migrate(database, next)
      const nextModels = await startModels({ providers }, next)
      try {
        await service.replaceApp(next, { appEnv, providers: nextModels.providers })
      } catch (error) {
        await nextModels.stop()
        throw error
      }
      await models?.stop()
      models = nextModels
      return nextModels.description
    },
    broken: Promise.race([
      temporal.ended.then(() => 'The Temporal server has ended.'),
      service.ended.then(() => 'The worker has ended.'),
    ]),
  }
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
    // A directory that an older release has made can be read by everybody.
    chmodSync(dataDir, 0o700)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in its place' : String(code)
    throw new StartError(
      `The data directory ${dataDir} cannot be made (${why}). Move what is there, or set HOLDFAST_DATA_DIR to another.`,
      { cause },
    )
  }
}

function lockDataDir(dataDir: string): Lock {
  try {
    return acquireLock(join(dataDir, 'lock'))
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    throw new StartError(
      `Another stack runs on ${dataDir} (process ${error.pid}), and only one can. ` +
        'Stop it, or set HOLDFAST_DATA_DIR for a second one, with PORT, TEMPORAL_PORT and TEMPORAL_UI_PORT of its own.',
    )
  }
}
