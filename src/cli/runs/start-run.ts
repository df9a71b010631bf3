import { text } from 'node:stream/consumers'
import type { StartRunInput } from '../../client/index.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayJson } from '../output.ts'
import { printEnd } from './print-end.ts'
import { printEvents } from './tail-run.ts'

interface StartOptions extends ApiOptions {
  readonly wait?: boolean
  readonly tail?: boolean
  readonly idempotencyKey?: string
  readonly metadata?: Record<string, string> | undefined
  readonly deadlineMs?: number
  readonly maxCostMicroUsd?: number
}

/** Starts a run and prints its id, or waits for its end and prints the answer. */
export async function startRun(agent: string, given: string, options: StartOptions): Promise<void> {
  const { metadata, deadlineMs, maxCostMicroUsd, idempotencyKey, json = false } = options
  const input = given === '-' ? await text(process.stdin) : given
  const body: StartRunInput = {
    agent,
    input,
    ...(metadata && { metadata }),
    ...(deadlineMs !== undefined && { deadline_ms: deadlineMs }),
    ...(maxCostMicroUsd !== undefined && { budget: { max_cost_micro_usd: maxCostMicroUsd } }),
  }
  const waits = options.wait === true || options.tail === true
  await useApi({ ...options, patient: waits }, async (client) => {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey }
    if (options.tail) {
      const { id } = await client.runs.start(body, key)
      if (!json) say(`run        ${id}`)
      await printEvents(client, id, { json })
      printEnd(await client.runs.get(id), { json, told: true })
    } else if (options.wait) printEnd(await client.runs.startAndWait(body, key), { json })
    else {
      const run = await client.runs.start(body, key)
      if (json) sayJson(run)
      else say(run.id)
    }
  })
}
