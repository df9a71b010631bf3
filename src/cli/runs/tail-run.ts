import type { RunStreamEntry } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { waitOnApi } from '../api/wait-on-api.ts'
import { say, sayJson } from '../output.ts'
import { describeEvent } from './describe-event.ts'
import { goesOn } from './describe-wait.ts'
import { printEnd } from './print-end.ts'

interface PrintOptions {
  readonly json?: boolean
  /** Text on its way, too. */
  readonly text?: boolean
}

/** Prints a run's events until it ends. */
export async function tailRun(
  id: string,
  options: ApiOptions & PrintOptions & { readonly after?: number },
): Promise<void> {
  let place = options.after ?? 0
  const left = (isRefused: boolean) => (isRefused ? null : goesOn({ id }, place))
  await waitOnApi({ ...options, left }, async (client, signal) => {
    for await (const entry of client.runs.stream(id, { after: place, signal })) {
      printEntry(entry, options)
      if (entry.object === 'event') place = entry.seq
    }
    printEnd(await client.runs.get(id, { signal }), { json: options.json ?? false, told: true })
  })
}

export function printEntry(entry: RunStreamEntry, { json = false, text = false }: PrintOptions): void {
  if (entry.object === 'delta' && !text) return
  if (json) sayJson(entry)
  else printLine(entry)
}

function printLine(entry: RunStreamEntry): void {
  if (entry.type === 'model.delta') say(`text       ${visible(entry.text)}`)
  if (entry.object === 'delta') return
  const line = describeEvent(entry) ?? entry.type.padEnd(10)
  say(`${entry.at.slice(11, 19)}  ${line}`)
}
