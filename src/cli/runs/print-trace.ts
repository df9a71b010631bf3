import type { HoldfastClient } from '../../client/index.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { sayJson } from '../output.ts'

interface TraceOptions extends ApiOptions {
  readonly step?: number
  readonly depth: number
}

/** Prints a run's dossier, page by page: as the API tells it, or in JSON, an object a page and line. */
export async function printTrace(id: string, options: TraceOptions): Promise<void> {
  await useApi(options, (client) => (options.json ? printJson : printText)(client, id, options))
}

async function printText(client: HoldfastClient, id: string, { step, depth }: TraceOptions): Promise<void> {
  const first = `/v1/runs/${id}/trace?depth=${depth}${step === undefined ? '' : `&step=${step}`}`
  for (let path: string | undefined = first; path !== undefined; ) {
    const answer = await client.get(path, { headers: { accept: 'text/plain' } })
    process.stdout.write(await answer.text())
    path = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
  }
}

async function printJson(client: HoldfastClient, id: string, { step, depth }: TraceOptions): Promise<void> {
  const query = { depth, ...(step !== undefined && { step }) }
  let place = {}
  for (;;) {
    const page = await client.runs.trace(id, { ...query, ...place })
    sayJson(page)
    if (page.next === null) return
    place = { after: page.next }
  }
}
