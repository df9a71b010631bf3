import closeWithGrace from 'close-with-grace'
import type { App } from '../app/app.ts'
import { loadConfig } from '../config.ts'
import { createLogger } from '../logger.ts'
import { installRuntime } from '../worker/install-runtime.ts'
import { banner } from './banner.ts'
import { createProgress } from './progress.ts'
import { reportFailure } from './report-failure.ts'
import { StartError } from './start-error.ts'
import { startStack } from './start-stack.ts'

/** Everything is down by then, or is taken down hard. */
const STOP_WITHIN_MS = 9_500

/** What the stack keeps (transcripts, keys, histories) is its owner's alone, whichever part of it writes the file. */
const OWNER_ONLY = 0o077

/** The whole stack of an application on this machine, until a signal ends it. */
export async function startLocal(app: App): Promise<void> {
  process.umask(OWNER_ONLY)
  const config = loadConfig(app.environment)
  const logger = createLogger(config.log)
  installRuntime(logger)

  const progress = createProgress(process.stdout)
  const stopping = new AbortController()
  const cleanup = new AsyncDisposableStack()
  let failed = false
  const starting = startStack({ app, config, logger, progress, signal: stopping.signal, cleanup })

  const { close } = closeWithGrace({ delay: STOP_WITHIN_MS, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
    if (signal !== undefined) process.stdout.write('\n  Stopping …\n')
    stopping.abort(new StartError('Stopped while it was starting.'))
    await starting.catch(() => undefined)
    await cleanup.disposeAsync()
    if (failed) throw new StartError('This makes the exit code 1.')
  })

  try {
    const stack = await starting
    process.stdout.write(banner(stack, app, performance.now()))
    await stack.broken.then((part) => {
      throw new StartError(part)
    })
  } catch (error) {
    if (stopping.signal.aborted) return
    progress.done()
    reportFailure(error)
    failed = true
    close()
  }
}
