import { covers } from '../../contracts/access/api-key.ts'
import { listQueuedRuns } from '../../store/runs/queued-runs.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Backlog } from '../temporal/backlog.ts'
import { queue } from './queue.schema.ts'

const schema = {
  operationId: 'getQueue',
  tags: ['runs'],
  summary: 'What waits for a worker, by agent and priority',
  description:
    "The runs of the key's tenant; with the scope `metrics:read` those of all tenants, and what waits in Temporal. It says nothing of when a run begins: that hangs on what others start meanwhile.",
  querystring: noQuery,
  response: { 200: queue, ...problems() },
}

const config = { access: ['runs:read:all', 'metrics:read'] } as const

export function addQueue(api: Api, { database, backlog }: Pick<ApiContext, 'database' | 'backlog'>): void {
  api.get('/v1/queue', { schema, config }, async ({ principal }) => {
    const isOperator = covers(principal.scopes, 'metrics:read')
    const queued = isOperator
      ? await listQueuedRuns(database.everyTenant, null)
      : await listQueuedRuns(database, principal.tenant)
    return {
      object: 'queue' as const,
      of: isOperator ? ('installation' as const) : ('tenant' as const),
      runs: queued.map(({ agent, priority, runs, oldestAt }) => ({
        agent,
        priority,
        depth: runs,
        oldest_queued_at: oldestAt,
      })),
      ...(isOperator && { tasks: await waitingTasks() }),
    }
  })

  async function waitingTasks() {
    try {
      const { taskQueue, workflow, activity } = await backlog()
      return { task_queue: taskQueue, workflow: toTasks(workflow), activity: toTasks(activity) }
    } catch (error) {
      if (error instanceof Problem) return null
      throw error
    }
  }
}

function toTasks({ tasks, oldestSeconds }: Backlog) {
  return { depth: tasks, oldest_age_ms: Math.round(oldestSeconds * 1_000) }
}
