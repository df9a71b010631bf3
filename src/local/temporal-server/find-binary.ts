import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { acquireLock, type Lock, LockHeld } from '../lock-file.ts'
import type { Progress } from '../progress.ts'
import { StartError } from '../start-error.ts'
import { binaryVersion, isUsable } from './binary-version.ts'
import { buildBinary } from './build-binary.ts'
import { type DownloadSource, downloadBinary } from './download-binary.ts'
import { cachedBinary, RELEASE } from './release.ts'

export interface FindOptions {
  readonly cacheDir: string
  /** Environment of the programs that are tried; its PATH is searched. */
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
  /** The official archive where it is not given; tests give another one. */
  readonly downloads?: DownloadSource
}

/** How often a start checks whether another start has finished filling the cache. */
const LOOK_AGAIN_MS = 250

/**
 * A Temporal CLI to run: the one on PATH, else the cached one, else the official download, else one built from source. A download or
 * build is run once in a temporary place and then moved into the cache, by one process at a time, so that the cache never has half a
 * program.
 *
 * @returns a command or a path
 * @throws StartError with what was tried and what to install
 */
export async function findBinary(options: FindOptions): Promise<string> {
  const tried = ['TEMPORAL_ADDRESS is not set']
  if (await isOnPath(options.env, tried)) return 'temporal'

  const target = cachedBinary(options.cacheDir)
  if (existsSync(target)) return target

  mkdirSync(dirname(target), { recursive: true })
  const lock = await waitForLock(`${target}.lock`, options.progress)
  try {
    if (existsSync(target)) return target
    await fillCache(target, options, tried)
    return target
  } finally {
    lock.release()
    options.progress.done()
  }
}

async function isOnPath(env: NodeJS.ProcessEnv, tried: string[]): Promise<boolean> {
  try {
    const version = await binaryVersion('temporal', env)
    if (isUsable(version)) return true
    tried.push(
      `"temporal" on PATH is ${version}; ${RELEASE.oldestUsable.join('.')} is the oldest that will do`,
    )
  } catch (error) {
    tried.push(
      isMissing(error)
        ? 'there is no "temporal" on PATH'
        : `"temporal" on PATH does not run: ${reason(error)}`,
    )
  }
  return false
}

async function fillCache(
  target: string,
  { env, progress, downloads }: FindOptions,
  tried: string[],
): Promise<void> {
  const partial = `${target}.partial`
  const use = async (make: () => Promise<void>) => {
    rmSync(partial, { force: true })
    await make()
    await binaryVersion(partial, env)
    renameSync(partial, target)
  }
  try {
    progress.update(`Looking for Temporal ${RELEASE.version} to download`)
    return await use(() => downloadBinary(partial, downloads))
  } catch (error) {
    tried.push(`the official download failed: ${reason(error)}`)
  }
  try {
    progress.update(`Building Temporal ${RELEASE.version} from source, once`)
    return await use(() => buildBinary({ target: partial, env, progress }))
  } catch (error) {
    tried.push(
      isMissing(error) ? 'there is no "go" on PATH to build it with' : `building it failed: ${reason(error)}`,
    )
  } finally {
    rmSync(partial, { force: true })
  }
  throw new StartError(nothingWorked(tried))
}

function nothingWorked(tried: readonly string[]): string {
  return [
    'There is no Temporal server to run:',
    ...tried.map((line) => `  - ${line.replaceAll('\n', '\n      ')}`),
    'Any one of these mends it:',
    '  - install the Temporal CLI so that "temporal" is on PATH (docs.temporal.io/cli)',
    `  - install Go ${RELEASE.go} or newer (go.dev/dl), and it is built once, in about three minutes`,
    '  - set TEMPORAL_ADDRESS to a Temporal server that runs',
  ].join('\n')
}

async function waitForLock(path: string, progress: Progress): Promise<Lock> {
  for (;;) {
    try {
      return acquireLock(path)
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error
      progress.update(`Waiting for process ${error.pid}, which is getting Temporal ${RELEASE.version}`)
      await delay(LOOK_AGAIN_MS)
    }
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
