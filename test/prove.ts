import { spawnSync } from 'node:child_process'

/*
 * `npm run prove [-- file …]`: the tests whose claim grows with their numbers, or some of them, with bigger ones than `npm test` has time
 * for. `npm run chaos:models` is one of them.
 */

const NUMBERS = {
  SIMULATION_SCHEDULES: '300000',
  REFUSED_RUNS: '500',
  OUTAGE_RUNS: '500',
  OUTAGE_TEMPORAL_AWAY_S: '30',
  NEVER_OVER_RUNS: '200',
  BACKGROUND_CALLS: '50',
  E5_EVERY: '1',
  STORE_AWAY_S: '6,30,120',
  WORKERS_AWAY_S: '1200',
  STORM_S: '60',
  MODELS_RUNS: '1000',
  VERSIONED_RUNS: '200',
  QUEUED_RUNS: '1000',
  QUEUED_TIMES: '2',
  CONVERSATION_TURNS: '300',
  HISTORY_STEPS: '1000',
  STREAM_DELAY_MS: '10',
  ROLLING_RUNS_PER_SECOND: '20',
  ROLLING_ROUNDS: '2',
  OVERLOAD_SECONDS: '10',
  OVERLOAD_ROUNDS: '3',
  OVERLOAD_SHARE: '0.9',
  THREAD_SCHEDULES: '200',
  THREAD_TURNS: '300',
  FUZZ_CASES: '10000',
  FUZZ_SEQUENCES: '2000',
  FUZZ_PLAYED: '300',
  TEST_TIMEOUT_S: '3600',
}

const FILES = [
  'test/system/simulation/simulation.test.ts',
  'test/api/fuzz/fuzz.test.ts',
  'test/api/fuzz/sequences.test.ts',
  'test/system/fuzz/sequences.test.ts',
  'test/system/chaos/refused-means-never.test.ts',
  'test/system/chaos/never-over.test.ts',
  'test/system/chaos/models.test.ts',
  'test/system/chaos/threads.test.ts',
  'test/system/chaos/worker-dies-while-a-provider-goes-on.test.ts',
  'test/system/chaos/store-is-away.test.ts',
  'test/system/chaos/runs-through-outages.test.ts',
  'test/system/chaos/workers-are-away.test.ts',
  'test/activities/cache/measured.test.ts',
  'test/system/runs/provider-asks-to-wait.test.ts',
  'test/system/runs/long-thread.test.ts',
  'test/system/versioning/promotions.test.ts',
  'test/system/queue/fairness.test.ts',
  'test/system/runs/streaming-delay.test.ts',
  'test/system/runs/long-conversation.test.ts',
  'test/system/runs/history.test.ts',
  'test/system/deploys/rolling-restart.test.ts',
  'test/system/load/overload.test.ts',
]

const named = process.argv.slice(2)
const { status } = spawnSync(process.execPath, ['test/run.ts', ...(named.length > 0 ? named : FILES)], {
  stdio: 'inherit',
  // What is set already wins.
  env: { ...NUMBERS, ...process.env },
})
process.exitCode = status ?? 1
