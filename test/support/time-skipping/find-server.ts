import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Progress } from '../../../src/local/progress.ts'
import { runCommand } from '../../../src/local/temporal-server/run-command.ts'

export interface FindOptions {
  readonly cacheDir: string
  /** Environment of Maven and the compiler; its PATH is searched. */
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
}

const POM = join(import.meta.dirname, 'pom.xml')
const MAIN = join(import.meta.dirname, 'LoopbackServer.java')

/** Flags for a server that runs for seconds: no optimising compiler, no threads for garbage collection. */
const START = `#!/bin/sh
here=$(dirname "$0")
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "-Dparent=$PPID" -cp "$here/lib/*:$here/classes" LoopbackServer "$@"
`

/**
 * The path of the time-skipping server in the cache. It depends on the pom and the main class, so that the cached server is never out of
 * date.
 */
export function cachedServer(cacheDir: string): string {
  const hash = createHash('sha256').update(readFileSync(POM)).update(readFileSync(MAIN)).update(START)
  return join(cacheDir, `time-skipping-server-${hash.digest('hex').slice(0, 12)}`, 'start')
}

/**
 * Temporal's time-skipping test server as a program that takes a port: the cached one, else fetched through Maven (33 MB,
 * about 10 s) and put together with its main.
 *
 * @returns its path
 * @throws with the output of Maven or the compiler
 */
export async function findServer({ cacheDir, env, progress }: FindOptions): Promise<string> {
  const start = cachedServer(cacheDir)
  if (existsSync(start)) return start
  const target = dirname(start)
  const partial = `${target}.${randomBytes(4).toString('hex')}`
  mkdirSync(join(partial, 'lib'), { recursive: true })
  try {
    await fetchJars(join(partial, 'lib'), env, progress)
    await runCommand('javac', ['-cp', join(partial, 'lib', '*'), '-d', join(partial, 'classes'), MAIN], {
      env,
    })
    writeFileSync(join(partial, 'start'), START, { mode: 0o755 })
    moveInto(target, partial)
  } finally {
    progress.done()
    rmSync(partial, { recursive: true, force: true })
  }
  return start
}

async function fetchJars(directory: string, env: NodeJS.ProcessEnv, progress: Progress): Promise<void> {
  let files = 0
  const errors: string[] = []
  const onErrorLine = (line: string) => {
    if (line.startsWith('[ERROR] ')) errors.push(line)
    if (line.includes('Downloaded from')) files += 1
    progress.update(`Fetching Temporal's time-skipping server through Maven, once: ${files} files`)
  }
  const flags = ['--batch-mode', '--strict-checksums', `--file=${POM}`, `-DoutputDirectory=${directory}`]
  try {
    // Maven prints everything, errors as well, to standard output.
    const maven = ['-c', 'exec mvn "$@" >&2', 'mvn', ...flags, 'dependency:copy-dependencies']
    await runCommand('sh', maven, { env, onErrorLine })
  } catch (error) {
    // Its last lines only say how to find out more.
    throw new Error(errors[0] ?? 'Maven failed without a word', { cause: error })
  }
}

/** Moves a folder into place; does nothing where another process was first. */
function moveInto(target: string, partial: string): void {
  try {
    renameSync(partial, target)
  } catch (error) {
    if (!existsSync(join(target, 'start'))) throw error
  }
}
