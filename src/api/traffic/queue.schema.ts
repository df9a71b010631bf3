import { z } from 'zod'
import { PRIORITIES } from '../../contracts/runs/run.ts'

const depth = z.int().min(0)

const tasks = z.strictObject({
  depth,
  oldest_age_ms: z.int().min(0).describe('0 where none waits.'),
})

export const queue = z
  .strictObject({
    object: z.literal('queue'),
    of: z.enum(['tenant', 'installation']),
    runs: z
      .array(
        z.strictObject({
          agent: z.string(),
          priority: z.literal(PRIORITIES),
          depth: depth.describe(
            'Runs that are accepted and that no worker has begun, sub-agents included. Turns that wait for their thread are left out.',
          ),
          oldest_queued_at: z.iso.datetime(),
        }),
      )
      .describe('Those of priority 1 first. Agents without queued runs are left out.'),
    tasks: z
      .strictObject({
        task_queue: z.string(),
        workflow: tasks,
        activity: tasks,
      })
      .nullable()
      .optional()
      .describe(
        'Of the installation: steps of runs, begun ones too, that wait in Temporal for a worker, by its own statistics, which are some seconds old. null where Temporal does not say.',
      ),
  })
  .meta({ id: 'Queue' })
export type QueueResource = z.output<typeof queue>
