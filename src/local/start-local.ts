import closeWithGrace from 'close-with-grace'
import type { App } from '../app/app.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { createLogger } from '../telemetry/logs/create-logger.ts'
import { createMetrics } from '../telemetry/metrics/create-metrics.ts'
import { processReadings } from '../telemetry/metrics/process-readings.ts'
import { banner } from './banner.ts'
import { failureText } from './failure-text.ts'
import { createProgress } from './progress.ts'
import { sayExit } from './say-exit.ts'
import { StartError } from './start-error.ts'
import { type Stack, startStack } from './start-stack.ts'

/** A stop that takes longer than this is cut short. */
const STOP_WITHIN_MS = 9_500

/** Files of the stack (transcripts, keys, histories) are readable by their owner only, whichever part writes them. */
const OWNER_ONLY = 0o077

export interface LocalOptions {
  /** The application's file, which the banner names. */
  readonly file?: string
  /** Called once the stack is up. Its result is disposed of before the stack goes down. */
  readonly whenUp?: (stack: Stack, config: Config) => Disposable
}

/** Runs the whole stack of an application on this machine, until a signal ends it. */
export async function startLocal(app: App, { file, whenUp }: LocalOptions = {}): Promise<void> {
  process.umask(OWNER_ONLY)
  const config = loadConfig(app.environment)
  const logger = createLogger(config.log)
  const metrics = createMetrics(config.metrics)
  metrics.read(processReadings())

  const progress = createProgress(process.stdout)
  const stopping = new AbortController()
  const cleanup = new AsyncDisposableStack()
  let failed = false
  const unmeantExit = sayExit()
  const starting = startStack({
    app,
    config,
    logger,
    metrics,
    progress,
    signal: stopping.signal,
    cleanup,
  })

  const { close } = closeWithGrace({ delay: STOP_WITHIN_MS, logger: false }, async ({ err, signal }) => {
    unmeantExit[Symbol.dispose]()
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
    if (signal !== undefined) process.stdout.write('\n  Stopping …\n')
    stopping.abort(new StartError('Stopped while it was starting.'))
    await starting.catch(() => undefined)
    await cleanup.disposeAsync()
    if (failed) throw new StartError('This makes the exit code 1.')
  })

  try {
    const stack = await starting
    process.stdout.write(banner(stack, app, { file: file ?? null, startedInMs: performance.now() }))
    if (whenUp !== undefined) cleanup.use(whenUp(stack, config))
    await stack.broken.then((part) => {
      throw new StartError(part)
    })
  } catch (error) {
    if (stopping.signal.aborted) return
    progress.done()
    process.stderr.write(`\n${failureText(error)}\n`)
    failed = true
    close()
  }
}
