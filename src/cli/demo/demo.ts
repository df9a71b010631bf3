import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'
import { loadConfig } from '../../config.ts'
import { visible } from '../../contracts/operator-text.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { readEventStream } from '../../local/read-event-stream.ts'
import { StartError } from '../../local/start-error.ts'
import { readAppArguments } from '../app-argument.ts'
import { tellEvent } from './tell-event.ts'

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

interface Approval {
  readonly id: string
  readonly tool: string
  readonly effect: string
  readonly arguments: unknown
  readonly arguments_sha256: string
  readonly rule: string
}

const say = (text: string) => process.stdout.write(`${text}\n`)

interface Target {
  readonly url: string
  readonly key: string | null
}

/**
 * `holdfast demo [APP] [--url URL] [--key KEY]`: plays the application's example against a stack that is up, over nothing but its HTTP
 * API. The local stack's key is in its data directory; it goes nowhere but to that stack.
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
    url === undefined ? localStack() : { url: String(url), key: key === undefined ? null : String(key) },
    example,
  )
  return 0
}

async function play(base: Target, example: NonNullable<App['local']['example']>): Promise<void> {
  await call(base, '/ready').catch((error: unknown) => {
    const reason = error instanceof StartError ? error.message : 'nothing answers there'
    throw new StartError(
      `There is no stack to show at ${base.url} (${reason}). Start one with "holdfast dev", or set PORT to the one that yours has, and try again.`,
    )
  })

  say(`\nYou        ${example.input}\n`)
  const started = await call<Run>(base, '/v1/runs', example)
  say(`run        ${started.id}`)
  if (started.links.temporal !== null) say(`           ${started.links.temporal}`)
  const approvals = await follow(base, started.id)

  const run = await call<Run>(base, `/v1/runs/${started.id}`)
  const cost =
    run.usage.cost_micro_usd === null ? 'unknown' : `$${(run.usage.cost_micro_usd / 1e6).toFixed(6)}`
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
 * Tells the run's events as they come, and approves what waits for a person. A stream that breaks off is taken up again.
 *
 * @returns how often a person was asked
 */
async function follow(base: Target, runId: string): Promise<number> {
  let approvals = 0
  let lastEventId = '0'
  for (;;) {
    const response = await fetch(new URL(`/v1/runs/${runId}/events`, base.url), {
      headers: { ...bearer(base), accept: 'text/event-stream', 'last-event-id': lastEventId },
    })
    if (!response.ok || response.body === null)
      throw new StartError(`The event stream answered ${response.status}.`)
    for await (const entry of readEventStream(response.body)) {
      if (entry.id === null) continue
      lastEventId = entry.id
      const { type, data } = JSON.parse(entry.data)
      const line = tellEvent({ type, data })
      if (line !== null) say(line)
      if (type === 'approval.requested') {
        approvals += 1
        await approve(base, data.approval_id)
      }
      if (/^run\.(completed|incomplete|failed|cancelled|expired)$/.test(type)) return approvals
    }
  }
}

async function approve(base: Target, id: string): Promise<void> {
  const approval = await call<Approval>(base, `/v1/approvals/${id}`)
  say(
    `approval   ${approval.tool} is ${approval.effect}, and the rule "${approval.rule}" wants a person to look:`,
  )
  say(`           ${visible(JSON.stringify(approval.arguments))}`)
  const { arguments_sha256 } = approval
  await call(base, `/v1/approvals/${id}/decision`, {
    decision: 'approve',
    arguments_sha256,
    comment: 'holdfast demo',
  })
}

/** GET, or POST with a body. @throws StartError with the problem's own words for an answer that is none */
async function call<T>(base: Target, path: string, body?: object): Promise<T> {
  const response = await fetch(new URL(path, base.url), {
    headers: bearer(base),
    ...(body !== undefined && {
      method: 'POST',
      headers: { ...bearer(base), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  const answer = (await response.json().catch(() => ({}))) as { title?: string; detail?: string }
  if (!response.ok)
    throw new StartError(answer.detail ?? answer.title ?? `${path} answered ${response.status}`)
  return answer as T
}

const bearer = ({ key }: Target): Record<string, string> =>
  key === null ? {} : { authorization: `Bearer ${key}` }

function localStack(): Target {
  const { api, auth, dataDir } = loadConfig()
  return { url: apiUrl(api), key: auth === 'none' ? null : readPrivateFile(localKeyPath(dataDir)) }
}
