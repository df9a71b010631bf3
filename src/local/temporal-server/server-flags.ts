import { SEARCH_ATTRIBUTES } from '../../api/temporal/search-attributes.ts'

export interface ServerOptions {
  readonly port: number
  /** null: no Web UI. */
  readonly uiPort: number | null
  /** null: everything in memory, gone at the end. */
  readonly databaseFile: string | null
  readonly namespace: string
  /** Further flags, for tests. */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean>>
}

/**
 * The dev server has one history shard and lets each of its queues poll 20 times a second, so that untuned every task waits
 * up to 50 ms: ten activities took 1,050 ms, with these rates 91 ms.
 */
const POLL_RATES = {
  'history.transferProcessorMaxPollRPS': 2_000,
  'history.timerProcessorMaxPollRPS': 2_000,
  'history.visibilityProcessorMaxPollRPS': 200,
}

const DYNAMIC_CONFIG = {
  ...POLL_RATES,
  // A quarter more steps a second: the answer to a workflow task brings the activity that the task asked for.
  'system.enableActivityEagerExecution': true,
  // With more than one partition tasks are forwarded between partitions, which only costs time in a single process.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.useNewMatcher': true,
  // Where tasks wait, those of tenants take turns.
  'matching.enableFairness': true,
  'frontend.activityAPIsEnabled': true,
  'frontend.WorkerHeartbeatsEnabled': true,
  'frontend.ListWorkersEnabled': true,
} as const

/**
 * With SQLite's defaults a run writes 7 MB. This journal survives a killed process. A crash of the whole machine can lose the last
 * moments, which a local stack can bear.
 */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'] as const

/** Arguments for `temporal` that start the dev server on loopback. */
export function serverFlags(options: ServerOptions): string[] {
  const { port, uiPort, databaseFile, namespace, dynamicConfig } = options
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
    ...(databaseFile === null ? [] : ['--db-filename', databaseFile]),
    ...(databaseFile === null ? [] : SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma])),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries({ ...DYNAMIC_CONFIG, ...dynamicConfig }).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${value}`,
    ]),
    ...['--log-level', 'warn', '--log-format', 'json'],
  ]
}
