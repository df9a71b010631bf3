import { z } from 'zod'
import type { AppDb } from '../../../../../src/app/app-database.ts'
import { defineTool, type JsonObject, ToolError } from '../../../../../src/index.ts'

/* Tools whose effects can be counted, whichever process has done them. */

interface Call {
  readonly caller: { readonly tenant: string; readonly principal: string }
  readonly runId: string
  readonly callKey: string
}

const account = z.string().min(1).max(40).describe('Name of an account, for example A-1.')

export const lookUp = defineTool({
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

export const payOut = defineTool({
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

export const openTicket = defineTool({
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
