import { defineAgent, defineApp, defineTool, handoff, subAgent } from 'holdfast'
import { z } from 'zod'
import { changeRoom, findBooking, refund, seed } from './hotel.ts'

const booking = z.string().describe('The number of the booking, such as B-1')

const findBookingTool = defineTool({
  name: 'find_booking',
  description: 'Room and price of a booking, by its number.',
  input: z.strictObject({ booking }),
  effect: 'read',
  execute: (args, { db, caller }) => findBooking(db, caller, args.booking),
})

const changeRoomTool = defineTool({
  name: 'change_room',
  description: 'Moves a booking to another room.',
  input: z.strictObject({ booking, room: z.string() }),
  effect: 'write',
  execute: (args, { db, caller }) => changeRoom(db, caller, args.booking, args.room),
})

const searchRules = defineTool({
  name: 'search_rules',
  description: 'What the house rules say about something.',
  input: z.strictObject({ words: z.string() }),
  effect: 'read',
  execution: 'local',
  execute: ({ words }) => ({
    rules: /pet|dog|cat/i.test(words) ? ['Pets are welcome in rooms 10 to 19.'] : [],
  }),
})

const roomsOfFloor = defineTool({
  name: 'rooms_of_floor',
  description: 'Numbers of the rooms of a floor.',
  input: z.strictObject({ floor: z.int().min(1).max(3) }),
  effect: 'read',
  execute: ({ floor }) => [0, 2, 4].map((room) => String(floor * 10 + room)),
})

const refundTool = defineTool({
  name: 'refund',
  description: 'Pays money of a booking back. It cannot be undone.',
  input: z.strictObject({ booking, cents: z.int().positive() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: {
    rules: [
      { name: 'above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask', terms: 'managers' },
    ],
    otherwise: 'allow',
  },
  execute: ({ booking, cents }, { db, caller, callKey }) =>
    refund(db, caller, { key: callKey, booking, cents }),
})

const reception = defineAgent({
  name: 'reception',
  version: 'v1',
  purpose: 'Helps guests with their stay.',
  instructions: 'You are the reception of a small hotel. Money is the business of the cashier.',
  tools: [
    findBookingTool,
    changeRoomTool,
    searchRules,
    roomsOfFloor,
    handoff({ to: 'cashier' }),
    subAgent({ to: 'rules' }),
  ],
})

const cashier = defineAgent({
  name: 'cashier',
  version: 'v1',
  purpose: 'Pays back what guests are owed.',
  instructions: 'You are the cashier of a small hotel.',
  tools: [findBookingTool, refundTool, handoff({ to: 'reception' })],
  startable: false,
})

const rules = defineAgent({
  name: 'rules',
  version: 'v1',
  purpose: 'Knows the house rules.',
  instructions: 'You look into the house rules and say what they say.',
  tools: [searchRules],
})

export default defineApp({
  name: 'hotel',
  agents: [reception, cashier, rules],
  approvalTerms: { managers: { approvers: ['managers'], excludeRequester: true } },
  migrations: new URL('./migrations/', import.meta.url),
  local: {
    seed,
    script: new URL('./script.ts', import.meta.url),
    example: { agent: 'reception', input: 'I left a day early: booking B-1. May I have 60 euros back?' },
  },
})
