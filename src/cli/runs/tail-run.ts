import type { HoldfastClient, RunStreamEntry } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayJson } from '../output.ts'
import { describeEvent } from './describe-event.ts'
import { printEnd } from './print-end.ts'

interface PrintOptions {
  readonly json?: boolean
  /** Text on its way, too. */
  readonly text?: boolean
  readonly after?: number
}

/** Prints a run's events until it ends. */
export async function tailRun(id: string, options: ApiOptions & PrintOptions): Promise<void> {
  await useApi({ ...options, patient: true }, async (client) => {
    await printEvents(client, id, options)
    printEnd(await client.runs.get(id), { json: options.json ?? false, told: true })
  })
}

export async function printEvents(
  client: HoldfastClient,
  id: string,
  { json = false, text = false, after = 0 }: PrintOptions,
): Promise<void> {
  for await (const entry of client.runs.stream(id, { after })) {
    if (entry.object === 'delta' && !text) continue
    if (json) sayJson(entry)
    else printLine(entry)
  }
}

function printLine(entry: RunStreamEntry): void {
  if (entry.type === 'model.delta') say(`text       ${visible(entry.text)}`)
  if (entry.object === 'delta') return
  const line = describeEvent(entry) ?? entry.type.padEnd(10)
  say(`${entry.at.slice(11, 19)}  ${line}`)
}
