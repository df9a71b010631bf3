import { text } from 'node:stream/consumers'
import type { Run, StartRunInput } from '../../client/index.ts'
import { newKey } from '../../client/new-key.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { waitOnApi } from '../api/wait-on-api.ts'
import { complain, say, sayJson } from '../output.ts'
import { goesOn } from './describe-wait.ts'
import { printEnd } from './print-end.ts'
import { printEntry } from './tail-run.ts'
import { createWaitNotice } from './wait-notice.ts'

interface StartOptions extends ApiOptions {
  readonly wait?: boolean
  readonly tail?: boolean
  readonly idempotencyKey?: string
  readonly metadata?: Record<string, string> | undefined
  readonly deadlineMs?: number
  readonly maxCostMicroUsd?: number
}

const NAMES = {
  '/agent': 'The agent',
  '/input': 'The input',
  '/metadata': '--metadata',
  '/deadline_ms': '--deadline-ms',
  '/budget/max_cost_micro_usd': '--max-cost-micro-usd',
} as const

/** Starts a run and prints its id, or waits for its end and prints the answer. */
export async function startRun(agent: string, given: string, options: StartOptions): Promise<void> {
  const { metadata, deadlineMs, maxCostMicroUsd, idempotencyKey = newKey(), json = false } = options
  const input = given === '-' ? await text(process.stdin) : given
  const body: StartRunInput = {
    agent,
    input,
    ...(metadata && { metadata }),
    ...(deadlineMs !== undefined && { deadline_ms: deadlineMs }),
    ...(maxCostMicroUsd !== undefined && { budget: { max_cost_micro_usd: maxCostMicroUsd } }),
  }
  let run: Run | null = null
  const left = (isRefused: boolean) => {
    if (run !== null) return goesOn(run)
    return isRefused ? null : unknownStart(idempotencyKey)
  }

  if (!options.wait && !options.tail) {
    run = await useApi({ ...options, left, names: NAMES }, ({ runs }) => runs.start(body, { idempotencyKey }))
    if (json) sayJson(run)
    else say(run.id)
    return
  }
  await waitOnApi({ ...options, left, names: NAMES }, async (client, signal) => {
    run = await client.runs.start(body, { idempotencyKey, signal })
    const { id } = run
    if (options.tail && !json) say(`run        ${id}`)
    else complain(`Run ${id} is started.`)
    const noticeWait = createWaitNotice(client, id, signal)
    for await (const entry of client.runs.stream(id, { signal })) {
      if (options.tail) printEntry(entry, { json })
      await noticeWait(entry)
    }
    printEnd(await client.runs.get(id, { signal }), { json, told: options.tail ?? false })
  })
}

/** A script that starts the run once more by itself would have two. */
function unknownStart(key: string): string {
  return `It is not known whether the run was started. The same command with --idempotency-key ${key} goes on with it, and starts no second one.`
}
