import type { TraceResource } from '../../api/dossier/trace.schema.ts'
import { loadConfig } from '../../config.ts'
import type { TraceCommand } from './read-runs-command.ts'
import { fetchFromApi, type RunApi, runApiOf } from './run-api.ts'

/** Prints a run's dossier, page by page: as the API tells it, or in JSON, an object a page and line. */
export async function printTrace(command: TraceCommand): Promise<void> {
  const api = runApiOf(loadConfig(), command.url)
  for (let path: string | null = pathOf(command); path !== null; ) {
    path = await (command.json ? printJson(api, command, path) : printText(api, path))
  }
}

function pathOf({ runId, step, depth }: Pick<TraceCommand, 'runId' | 'step' | 'depth'>): string {
  return `/v1/runs/${runId}/trace?depth=${depth}${step === null ? '' : `&step=${step}`}`
}

/** @returns the path of the next page */
async function printText(api: RunApi, path: string): Promise<string | null> {
  const answer = await fetchFromApi(api, path, 'text/plain')
  process.stdout.write(await answer.text())
  return /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null
}

async function printJson(api: RunApi, command: TraceCommand, path: string): Promise<string | null> {
  const answer = await fetchFromApi(api, path, 'application/json')
  const page = (await answer.json()) as TraceResource
  process.stdout.write(`${JSON.stringify(page)}\n`)
  return page.next === null ? null : `${pathOf(command)}&after=${page.next}`
}
