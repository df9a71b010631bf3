import { z } from 'zod'
import { setup } from '../../../../../src/index.ts'

/** What the desk's tools call: a carrier of the test, which can fail. */
const desk = setup({ env: z.object({ CARRIER_URL: z.url() }) })
export const { defineAgent, defineApp } = desk

export const findParcel = desk.defineTool({
  name: 'find_parcel',
  description: 'Where a parcel is.',
  input: z.strictObject({ number: z.string() }),
  effect: 'read',
  async execute({ number }, { env, signal }) {
    const answer = await fetch(`${env.CARRIER_URL}/parcels/${number}`, { signal })
    if (!answer.ok) throw new Error(`the carrier answered ${answer.status}`)
    return { number, place: await answer.text() }
  },
})

export const quotePrice = desk.defineTool({
  name: 'quote_price',
  description: 'What a parcel of this weight costs.',
  input: z.strictObject({ kilograms: z.number().positive() }),
  effect: 'read',
  execute: ({ kilograms }) => ({ eur: 4 + kilograms }),
})

export const printLabel = desk.defineTool({
  name: 'print_label',
  description: 'Prints the label of a parcel.',
  input: z.strictObject({ number: z.string() }),
  effect: 'write',
  idempotency: 'key',
  execute: ({ number }) => ({ printed: number }),
})
