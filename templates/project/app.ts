import { defineAgent, defineApp, defineTool, ToolError } from 'holdfast'
import { z } from 'zod'

/** Stands for your own records: a table, a service. */
const PARCELS: Readonly<Record<string, { place: string; arrives: string }>> = {
  'P-1001': { place: 'Leipzig', arrives: 'tomorrow' },
  'P-1002': { place: 'Lyon', arrives: 'on Friday' },
}

const findParcel = defineTool({
  name: 'find_parcel',
  description: 'Where a parcel is and when it arrives, by its number.',
  input: z.strictObject({ number: z.string() }),
  effect: 'read',
  async execute({ number }) {
    const parcel = PARCELS[number]
    // The model reads this, and can ask for another number.
    if (parcel === undefined) throw new ToolError(`There is no parcel ${number}.`)
    return parcel
  },
})

const parcels = defineAgent({
  name: 'parcels',
  version: 'v1',
  purpose: 'Says where a parcel is.',
  instructions: 'You help people who wait for a parcel. Look the parcel up before you say anything about it.',
  tools: [findParcel],
})

export default defineApp({
  name: 'my_agents',
  agents: [parcels],
  // Only `holdfast dev` reads these: a run to begin with, and who answers while there is no provider's key.
  local: {
    example: { agent: 'parcels', input: 'Where is my parcel P-1001?' },
    script: new URL('./script.ts', import.meta.url),
  },
})
