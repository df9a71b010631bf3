import type { Script } from '../../../../src/testing/script.ts'

/** Has a parcel looked for and a price quoted, and then answers. */
export const answerByTools: Script = ({ messages }) => {
  if (messages.some(({ role }) => role === 'tool')) return { text: 'It is in Leipzig.' }
  return {
    toolCalls: [
      { tool: 'find_parcel', arguments: { number: 'P-1001' } },
      { tool: 'quote_price', arguments: { kilograms: 2 } },
    ],
  }
}
