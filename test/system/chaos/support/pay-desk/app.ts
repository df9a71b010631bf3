import { z } from 'zod'
import type { AppDb } from '../../../../../src/app/app-database.ts'
import {
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  type JsonObject,
  subAgent,
  ToolError,
} from '../../../../../src/index.ts'

/*
 * The application of the tests that kill workers: each effect of its tools is a row in a table of its own, so that a test can count
 * what has happened, whichever process did it.
 */

interface Call {
  readonly caller: { readonly tenant: string; readonly principal: string }
  readonly runId: string
  readonly callKey: string
}

const account = z.string().min(1).max(40).describe('Name of an account, for example A-1.')

const lookUp = defineTool({
  name: 'look_up',
  description:
    "One of the customer's own accounts: its name, and what has been paid out of it so far, in cents.",
  input: z.strictObject({ account }),
  effect: 'read',
  idempotency: 'key',
  // Answers out of the store within a second.
  execution: 'local',
  async execute(args, { db, caller }) {
    const found = await accountOf(db, caller, args.account)
    return { account: args.account, paid_cents: found.paidCents }
  },
})

const payOut = defineTool({
  name: 'pay_out',
  description: "Pays money out of one of the customer's accounts. It cannot be undone.",
  input: z.strictObject({
    account,
    cents: z.int().min(1).max(10_000_000),
    note: z.string().min(1).max(500),
  }),
  effect: 'irreversible',
  // One transaction holds the change and the call key: a repeated call pays once.
  idempotency: 'key',
  approval: {
    rules: [{ name: 'pay-above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask' }],
    otherwise: 'allow',
  },
  execute: (args, { db, caller, runId, callKey }) =>
    db.transaction(async (tx) => {
      await accountOf(tx, caller, args.account, 'for update')
      if (await isNew(tx, { caller, runId, callKey }, 'pay_out', args)) {
        await tx.query({
          text: 'update desk_accounts set paid_cents = paid_cents + $3 where tenant = $1 and name = $2',
          values: [caller.tenant, args.account, args.cents],
        })
      }
      return { receipt: callKey, cents: args.cents }
    }),
})

const openTicket = defineTool({
  name: 'open_ticket',
  description: 'Hands the case to a person, who answers by e-mail.',
  input: z.strictObject({
    topic: z.enum(['legal', 'press', 'delivery', 'other']),
    urgency: z.enum(['normal', 'urgent']),
    text: z.string().min(1).max(1_000),
  }),
  effect: 'write',
  idempotency: 'key',
  async execute(args, { db, caller, runId, callKey }) {
    await isNew(db, { caller, runId, callKey }, 'open_ticket', args)
    return { ticket: callKey, urgency: args.urgency }
  },
})

/** Locks the account where it is about to be changed, so that twins of one call come one after the other. */
async function accountOf(db: AppDb, caller: Call['caller'], name: string, lock: '' | 'for update' = '') {
  const [found] = await db.query<{ paidCents: number }>({
    text: `select paid_cents as "paidCents" from desk_accounts where tenant = $1 and name = $2 and owner = $3 ${lock}`,
    values: [caller.tenant, name, caller.principal],
  })
  if (found === undefined)
    throw new ToolError("There is no account with this name among the customer's.", {
      code: 'tool_not_found',
    })
  return found
}

/** Writes the call down; false where its key was there. */
async function isNew(
  db: AppDb,
  { caller, runId, callKey }: Call,
  tool: string,
  args: JsonObject,
): Promise<boolean> {
  const added = await db.query({
    text: `
      insert into desk_effects (tenant, call_key, run_id, tool, arguments) values ($1, $2, $3, $4, $5)
      on conflict (tenant, call_key) do nothing
      returning call_key`,
    values: [caller.tenant, callKey, runId, tool, JSON.stringify(args)],
  })
  return added.length > 0
}

const PATIENT = { whenNoModel: { waitMs: 14_400_000 }, limits: { maxSteps: 40, deadlineMs: 3_600_000 } }
const PAUSING = {
  limits: { maxCostMicroUsd: 2_000_000, maxTokens: 2_000_000, maxModelCalls: 200, maxToolCalls: 200 },
  onReached: 'pause',
} as const

export default defineApp({
  name: 'pay_desk',
  agents: [
    defineAgent({
      name: 'assistant',
      version: 'v1',
      instructions:
        'Answer the last message in plain language, in the language that it was written in. Say the answer first, then only as much explanation as it needs. Where you do not know, say so. Never make up facts, names, numbers or sources. Ask one short question where the request can be read in two ways and the difference matters. Say so where you are asked to do something that you have no tool for.',
      whenNoModel: 'answer',
      limits: { maxSteps: 10 },
    }),
    defineAgent({
      name: 'clerk',
      version: 'v1',
      instructions: 'Do what the customer asks for, and say what you have done.',
      tools: [lookUp, payOut, openTicket],
      ...PATIENT,
    }),
    defineAgent({
      name: 'support',
      version: 'v1',
      instructions: 'Take the request, and hand it to billing.',
      tools: [lookUp, handoff({ to: 'billing' })],
      ...PATIENT,
      budget: PAUSING,
    }),
    defineAgent({
      name: 'billing',
      version: 'v1',
      instructions: 'Look up, pay, and have looked into what takes many look-ups.',
      startable: false,
      tools: [
        lookUp,
        payOut,
        openTicket,
        subAgent({ to: 'research', name: 'research' }),
        handoff({ to: 'support', name: 'hand_back' }),
      ],
    }),
    defineAgent({
      name: 'research',
      version: 'v1',
      instructions: 'Look things up and report.',
      tools: [lookUp],
      limits: { maxSteps: 12, deadlineMs: 900_000 },
      budget: {
        limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60, maxToolCalls: 60 },
        onReached: 'finish',
      },
    }),
  ],
  migrations: new URL('./migrations/', import.meta.url),
})
