import type { Input, Run } from '../../client/index.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { sayJson, sayTable, second } from '../output.ts'
import { costOf } from './get-run.ts'

type Filter = Omit<
  NonNullable<Input<'GET /v1/runs'>['query']>,
  'metadata' | 'limit' | 'thread_id' | 'started_by'
>

interface ListOptions extends ApiOptions, Filter {
  readonly limit: number
  readonly thread?: string
  readonly startedBy?: string
  readonly metadata: Record<string, string> | undefined
}

/** The most entries of a page. */
const PAGE = 100

/** Prints the newest runs, over as many pages as it takes. */
export async function listRuns(options: ListOptions): Promise<void> {
  const { limit, status, agent, principal, thread, startedBy, metadata } = options
  const found: Run[] = await useApi(options, async (client) => {
    const query = {
      limit: Math.min(limit, PAGE),
      ...(status && { status }),
      ...(agent !== undefined && { agent }),
      ...(principal !== undefined && { principal }),
      ...(thread && { thread_id: thread }),
      ...(startedBy && { started_by: startedBy }),
      ...(metadata && { metadata }),
    }
    const runs: Run[] = []
    for await (const run of client.all('GET /v1/runs', { query })) {
      runs.push(run)
      if (runs.length === limit) break
    }
    return runs
  })
  if (options.json) found.forEach(sayJson)
  else
    sayTable(['id', 'status', 'agent', 'principal', 'steps', 'cost', 'created'], found.map(rowOf), 'No runs.')
}

function rowOf(run: Run): string[] {
  const status = run.reason === undefined ? run.status : `${run.status} (${run.reason})`
  return [run.id, status, run.agent, run.principal, String(run.steps), costOf(run), second(run.created_at)]
}
