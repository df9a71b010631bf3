import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Client } from '@temporalio/client'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { SEARCH_ATTRIBUTES } from '../../src/api/temporal/search-attributes.ts'
import { childEnvironment, readConfig } from '../../src/config/config.ts'
import { createProgress } from '../../src/local/progress.ts'
import { newTaskQueue } from '../../src/local/test-system/start-system.ts'
import type { TemporalEnvironment } from './temporal.ts'
import { requireTestRuntime } from './test-runtime.ts'
import { cachedServer, findServer } from './time-skipping/find-server.ts'

/** A server with a clock of its own, which all its runs share: each test starts its own server. */
export interface TimeSkippingEnvironment extends TemporalEnvironment {
  /** The server's time, in milliseconds since the epoch. */
  nowMs(): Promise<number>
  /**
   * Skips time, from one timer to the next. While a task or an activity is open, time goes at its real speed: a timer that is due on the
   * way opens a task, and then this resolves only once a worker has handled it.
   */
  pass(ms: number): Promise<void>
}

/**
 * Why tests on the time-skipping server can't run on this machine, for `describe`'s `skip`; false where they can.
 *
 * @throws with the same text in CI (the variable CI is set): a test that never runs proves nothing
 */
export function skipWithoutTimeSkipping(): string | false {
  const programs = existsSync(cachedServer(cacheDir())) ? ['java'] : ['java', 'javac', 'mvn']
  const missing = programs.filter((name) => spawnSync(name, ['-version'], { stdio: 'ignore' }).status !== 0)
  if (missing.length === 0) return false
  const problem =
    `Not found, or not able to run: ${missing.join(', ')}. Temporal's time-skipping test server needs a JDK (17 or newer) ` +
    'and Maven. Debian: apt-get install default-jdk-headless maven; see docs/guides/test-long-waits.md.'
  if (process.env['CI']) throw new Error(problem)
  return problem
}

export async function startTimeSkipping(): Promise<TimeSkippingEnvironment> {
  const path = await findServer({
    cacheDir: cacheDir(),
    env: childEnvironment(),
    progress: createProgress(process.stderr),
  })
  requireTestRuntime()
  await using cleanup = new AsyncDisposableStack()
  const server = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  })
  cleanup.defer(() => server.teardown())
  const { address, connection, nativeConnection } = server
  await connection.operatorService.addSearchAttributes({
    namespace: NAMESPACE,
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD])),
  })
  const open = cleanup.move()
  return {
    address,
    namespace: NAMESPACE,
    taskQueue: newTaskQueue(),
    // The environment's own client would skip time whenever a test waits for a result.
    client: new Client({ connection, namespace: NAMESPACE }),
    connection: nativeConnection,
    nowMs: () => server.currentTimeMs(),
    pass: (ms) => server.sleep(ms),
    close: () => open.disposeAsync(),
  }
}

const NAMESPACE = 'default'

/** `temporal.api.enums.v1.IndexedValueType` */
const KEYWORD = 2

function cacheDir(): string {
  return readConfig({
    HOLDFAST_CACHE_DIR: process.env['HOLDFAST_CACHE_DIR'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
  }).cacheDir
}
