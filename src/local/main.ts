import closeWithGrace from 'close-with-grace'
import { OperatorFileUnusable } from '../activities/models/read-operator-file.ts'
import { ConfigError, loadConfig } from '../config.ts'
import { createLogger } from '../logger.ts'
import { installRuntime } from '../worker/install-runtime.ts'
import { banner } from './banner.ts'
import { createProgress } from './progress.ts'
import { StartError } from './start-error.ts'
import { startStack } from './start-stack.ts'

/** A stop that takes longer than this is ended hard. */
const STOP_WITHIN_MS = 9_500

/** Files of the stack (transcripts, keys, histories) are readable by their owner only, whichever part writes them. */
const OWNER_ONLY = 0o077

async function main(): Promise<void> {
  process.umask(OWNER_ONLY)
  const config = loadConfig()
  const logger = createLogger(config.log)
  installRuntime(logger)

  const progress = createProgress(process.stdout)
  const stopping = new AbortController()
  const cleanup = new AsyncDisposableStack()
  let failed = false
  const starting = startStack({ config, logger, progress, signal: stopping.signal, cleanup })

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
    process.stdout.write(banner(stack, performance.now()))
    await stack.broken.then((part) => {
      throw new StartError(part)
    })
  } catch (error) {
    if (stopping.signal.aborted) return
    progress.done()
    report(error)
    failed = true
    close()
  }
}

function report(reason: unknown): void {
  const plain = [StartError, ConfigError, OperatorFileUnusable].some((kind) => reason instanceof kind)
  const text = reason instanceof Error ? ((plain ? null : reason.stack) ?? reason.message) : String(reason)
  process.stderr.write(`\n${text}\n`)
}

await main().catch((error: unknown) => {
  report(error)
  process.exitCode = 1
})
