import type { Run } from '../../client/index.ts'
import { dollars } from '../../contracts/operator-words.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayFields, sayJson, sayWords, second } from '../output.ts'

/** Prints one run. */
export async function getRun(id: string, options: ApiOptions): Promise<void> {
  printRun(await useApi(options, ({ runs }) => runs.get(id)), options)
}

export function printRun(run: Run, { json = false }: ApiOptions): void {
  if (json) {
    sayJson(run)
    return
  }
  const { usage } = run
  sayFields({
    run: run.id,
    agent: `${run.agent} ${run.agent_version}`,
    principal: run.principal,
    status: run.reason === undefined ? run.status : `${run.status} (${run.reason})`,
    'waits for': waitsFor(run),
    steps: run.steps,
    calls: `${usage.model_calls} of models, ${usage.tool_calls} of tools`,
    tokens: `${usage.input_tokens} in, ${usage.output_tokens} out`,
    cost: costOf(run),
    'answered by': run.served_by,
    created: second(run.created_at),
    ended: run.completed_at && second(run.completed_at),
    error: run.error && `${run.error.code}: ${run.error.message}`,
    metadata: Object.keys(run.metadata).length > 0 ? JSON.stringify(run.metadata) : null,
    'Web UI': run.links.temporal,
  })
  if (run.output === undefined) return
  say('')
  sayWords(run.output)
}

function waitsFor({ required_action: action, waiting_for: waiting }: Run): string | undefined {
  if (action?.type === 'approval') return action.approvals.join(' ')
  if (waiting?.type === 'thread') return `its turn in ${waiting.thread_id}`
  return action?.type ?? waiting?.type
}

export function costOf({ usage }: Run): string {
  return usage.cost_micro_usd === null ? 'unknown' : dollars(usage.cost_micro_usd)
}
