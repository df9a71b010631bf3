import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'
import { createClient, HoldfastError } from '../../client/index.ts'
import { loadConfig } from '../../config/config.ts'
import { visible } from '../../contracts/operator-text.ts'
import { dollars } from '../../contracts/operator-words.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { StartError } from '../../local/start-error.ts'
import { COMMAND_LINE } from '../../policies/command-line.ts'
import { toCommandError } from '../api/use-api.ts'
import { readAppArguments } from '../app-argument.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { describeEvent } from '../runs/describe-event.ts'
import { requireCompleted } from '../runs/print-end.ts'
import { approve } from './approve.ts'
import { clientOf, type DemoApi } from './demo-api.ts'

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
  const api =
    url === undefined
      ? localStack()
      : { url: String(url), key: key === undefined ? null : String(key), isLocalStack: false }
  try {
    await play(api, example)
  } catch (error) {
    throw error instanceof HoldfastError ? toCommandError(error, api.url) : error
  }
  return 0
}

async function play(api: DemoApi, example: NonNullable<App['local']['example']>): Promise<void> {
  await requireReady(api)
  const client = clientOf(api)
  say(`\nYou        ${example.input}\n`)
  const started = await client.runs.start(example)
  say(`run        ${started.id}`)
  if (started.links.temporal !== null) say(`           ${started.links.temporal}`)
  const approvals = await followRun(api, started.id)

  const run = await client.runs.get(started.id)
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
  requireCompleted(run)
}

async function requireReady(api: DemoApi): Promise<void> {
  try {
    await createClient({ url: api.url, timing: COMMAND_LINE.soon }).request('GET /ready')
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    const reason = error.code === 'no_answer' ? 'nothing answers there' : visible(error.message)
    throw new CommandError(
      `There is no stack to show at ${api.url} (${reason}). Start one with "holdfast dev", or set PORT to the one that yours has, and try again.`,
      EXIT.unavailable,
    )
  }
}

/**
 * Prints the run's events as they come, and approves the calls that wait for a person.
 *
 * @returns how often a person was asked
 */
async function followRun(api: DemoApi, runId: string): Promise<number> {
  let approvals = 0
  for await (const event of clientOf(api).runs.stream(runId)) {
    if (event.object === 'delta') continue
    const line = describeEvent(event)
    if (line !== null) say(line)
    if (event.type === 'approval.requested') {
      approvals += 1
      await approve(api, event.data.approval_id, say)
    }
  }
  return approvals
}

function localStack(): DemoApi {
  const { api, auth, dataDir } = loadConfig()
  return {
    url: apiUrl(api),
    key: auth === 'none' ? null : readPrivateFile(localKeyPath(dataDir)),
    isLocalStack: true,
  }
}
