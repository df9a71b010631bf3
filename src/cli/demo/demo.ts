import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'
import { readEventStream } from '../../client/transport/read-event-stream.ts'
import { loadConfig } from '../../config/config.ts'
import { visible } from '../../contracts/operator-text.ts'
import { dollars } from '../../contracts/operator-words.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { StartError } from '../../local/start-error.ts'
import { readAppArguments } from '../app-argument.ts'
import { approve } from './approve.ts'
import { authorization, callApi, type DemoApi } from './demo-api.ts'
import { describeEvent } from './describe-event.ts'

interface Run {
  readonly id: string
  readonly status: string
  readonly reason?: string
  readonly output?: string
  readonly usage: {
    readonly model_calls: number
    readonly tool_calls: number
    readonly cost_micro_usd: number | null
  }
  readonly links: { readonly temporal: string | null; readonly events: string }
}

const say = (text: string) => process.stdout.write(`${text}\n`)

/**
 * `holdfast demo [APP] [--url URL] [--key KEY]`: plays the application's example against a stack that is up, over its HTTP API alone.
 * The local stack's admin key, which is in its data directory, is only sent to that stack.
 */
export async function demo(args: readonly string[]): Promise<number> {
  const { file, flags } = readAppArguments('demo', args, { url: { type: 'string' }, key: { type: 'string' } })
  const { example } = (await loadApp(file)).local
  if (example === undefined) {
    throw new StartError(
      `The application in ${file} has no example: its local.example says which run to play.`,
    )
  }
  const { url, key } = flags
  await play(
    url === undefined
      ? localStack()
      : { url: String(url), key: key === undefined ? null : String(key), isLocalStack: false },
    example,
  )
  return 0
}

async function play(api: DemoApi, example: NonNullable<App['local']['example']>): Promise<void> {
  await callApi(api, '/ready').catch((error: unknown) => {
    const reason = error instanceof StartError ? error.message : 'nothing answers there'
    throw new StartError(
      `There is no stack to show at ${api.url} (${reason}). Start one with "holdfast dev", or set PORT to the one that yours has, and try again.`,
    )
  })

  say(`\nYou        ${example.input}\n`)
  const started = await callApi<Run>(api, '/v1/runs', example)
  say(`run        ${started.id}`)
  if (started.links.temporal !== null) say(`           ${started.links.temporal}`)
  const approvals = await followRun(api, started.id)

  const run = await callApi<Run>(api, `/v1/runs/${started.id}`)
  const cost = run.usage.cost_micro_usd === null ? 'unknown' : dollars(run.usage.cost_micro_usd)
  say(
    `${run.status.padEnd(10)} ${run.usage.model_calls} model calls, ${run.usage.tool_calls} tool calls, cost ${cost}`,
  )
  if (run.reason !== undefined) say(`           reason: ${run.reason}`)
  const answer = (run.output ?? '(no answer)').split('\n').map(visible)
  say(`\nAgent      ${answer.join('\n           ')}\n`)
  if (approvals === 0) {
    say(
      'Nobody had to approve anything. Where the application remembers an earlier run of its example, a new',
    )
    say('data directory (delete the old one while the stack is down) begins from nothing.\n')
  }
}

/**
 * Prints the run's events as they come, and approves the calls that wait for a person. A stream that breaks off is opened again.
 *
 * @returns how often a person was asked
 */
async function followRun(api: DemoApi, runId: string): Promise<number> {
  let approvals = 0
  let lastEventId = '0'
  for (;;) {
    const response = await fetch(new URL(`/v1/runs/${runId}/events`, api.url), {
      headers: { ...authorization(api), accept: 'text/event-stream', 'last-event-id': lastEventId },
    })
    if (!response.ok || response.body === null)
      throw new StartError(`The event stream answered ${response.status}.`)
    for await (const entry of readEventStream(response.body)) {
      if (entry.id === null) continue
      lastEventId = entry.id
      const { type, data } = JSON.parse(entry.data)
      const line = describeEvent({ type, data })
      if (line !== null) say(line)
      if (type === 'approval.requested') {
        approvals += 1
        await approve(api, data.approval_id, say)
      }
      if (/^run\.(completed|incomplete|failed|cancelled|expired)$/.test(type)) return approvals
    }
  }
}

function localStack(): DemoApi {
  const { api, auth, dataDir } = loadConfig()
  return {
    url: apiUrl(api),
    key: auth === 'none' ? null : readPrivateFile(localKeyPath(dataDir)),
    isLocalStack: true,
  }
}
