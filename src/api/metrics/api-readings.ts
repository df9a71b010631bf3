import type { Client } from '@temporalio/client'
import { usedModels } from '../../app/models/used-models.ts'
import { PRESENCE } from '../../policies/operations/processes.ts'
import { METRICS } from '../../policies/operations/telemetry.ts'
import { countWorkers } from '../../store/processes/processes.ts'
import { countOpenRuns } from '../../store/runs/count-open-runs.ts'
import { listCircuits } from '../../store/traffic/circuits.ts'
import { cached } from '../../telemetry/cached.ts'
import { type Reading, type ReadingSource, reading } from '../../telemetry/metrics/readings.ts'
import type { ApiContext } from '../context.ts'
import { circuitState } from '../traffic/circuit-state.ts'
import { queueReadings } from './queue-readings.ts'

interface Parts extends Pick<ApiContext, 'app' | 'database'> {
  readonly temporal: Client
  readonly taskQueue: string
}

/**
 * What an API knows of the whole installation, from the store and from Temporal. Every API says the same, so a sum over them would be too
 * large. What does not answer in time is left out.
 */
export function apiReadings({ app, database, temporal, taskQueue }: Parts): readonly ReadingSource[] {
  const sources: (() => Promise<readonly Reading[]>)[] = [
    async () => {
      const { runs, approvals } = await countOpenRuns(database, METRICS.runsCounted)
      return [
        ...runs.map(({ agent, status, runs }) => reading('holdfast_runs_open', { agent, status }, runs)),
        ...approvals.flatMap(({ agent, waiting, oldestSeconds }) => [
          reading('holdfast_approvals_waiting', { agent }, waiting),
          reading('holdfast_approvals_oldest_age_seconds', { agent }, oldestSeconds),
        ]),
      ]
    },
    async () => {
      const circuits = await listCircuits(database)
      const keys = [...[...usedModels(app).values()].map(({ model }) => model), ...circuits]
      return keys.map(({ provider, model }) => {
        const circuit = circuits.find((one) => one.provider === provider && one.model === model) ?? null
        return reading('holdfast_breaker_state', { provider, model }, BREAKER_STATE[circuitState(circuit)])
      })
    },
    async () => {
      const workers = new Map([[taskQueue, 0]])
      for (const queue of await countWorkers(database, PRESENCE.livesForMs))
        workers.set(queue.taskQueue, queue.workers)
      return [...workers].map(([task_queue, count]) => reading('holdfast_workers', { task_queue }, count))
    },
    () => queueReadings(temporal, taskQueue),
  ]
  return sources.map((source) => {
    const read = cached(source, { keptMs: METRICS.askedEveryMs, withinMs: METRICS.answersWithinMs })
    return async () => (await read()) ?? []
  })
}

const BREAKER_STATE = { closed: 0, half_open: 1, open: 2 } as const
