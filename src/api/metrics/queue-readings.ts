import type { Client } from '@temporalio/client'
import { METRICS } from '../../policies/operations/telemetry.ts'
import { type Reading, reading } from '../../telemetry/metrics/readings.ts'
import { describeBacklog } from '../temporal/backlog.ts'
import { callWithin } from '../temporal/call-temporal.ts'

/** @throws where Temporal does not answer in time */
export async function queueReadings(temporal: Client, taskQueue: string): Promise<Reading[]> {
  const ask = async (type: 'workflow' | 'activity'): Promise<Reading[]> => {
    const { tasks, oldestSeconds } = await describeBacklog(temporal, taskQueue, type)
    const labels = { task_queue: taskQueue, type }
    return [
      reading('holdfast_queue_depth', labels, tasks),
      reading('holdfast_queue_oldest_age_seconds', labels, oldestSeconds),
    ]
  }
  const answers = await callWithin(temporal, METRICS.answersWithinMs, () =>
    Promise.all([ask('workflow'), ask('activity')]),
  )
  return answers.flat()
}
