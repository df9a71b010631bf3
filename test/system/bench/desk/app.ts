import { z } from 'zod'
import type { AppDatabase } from '../../../../src/app/app-database.ts'
import type { AgentCache } from '../../../../src/app/define/agent-definition.ts'
import type { LimitRow } from '../../../../src/app/define/model-definition.ts'
import {
  type DefinedTool,
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  subAgent,
} from '../../../../src/index.ts'

/*
 * The application that is measured: a team as big as a real one (a front desk, three specialists, a researcher, and some dozen
 * tools), since a run's plan is in its history. One of its tools is called, and reads a few rows.
 */

const ORDERS = 8
const ITEMS = [
  { title: 'Bambina espresso machine', quantity: 1 },
  { title: 'Descaler, 4 sachets', quantity: 1 },
]

/** As long as prompts of real agents are: a text of so many characters. */
const promptOf = (characters: number) =>
  'Do what the customer asks for, with the tools that you have, and promise nothing else. '
    .repeat(50)
    .slice(0, characters)

const reference = z.string().min(1).max(120).describe('As it stands in the list, letter by letter.')

const listOrders = defineTool({
  name: 'list_orders',
  description:
    "Lists the customer's own orders, newest first: number, day, items, and what was paid. Use it when the customer gives no number.",
  input: z.strictObject({}),
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  async execute(_, { db, caller: { tenant, principal } }) {
    const orders = await db.query({
      name: 'list-orders',
      text: `
        select number as order_number, 'delivered' as status, to_char(placed_on, 'YYYY-MM-DD') as placed_on, items,
          paid_cents, 0 as refunded_cents, 'EUR' as currency
        from bench_orders where tenant = $1 and owner = $2
        order by placed_on desc, number desc limit 20`,
      values: [tenant, principal],
    })
    return { orders }
  },
})

/** A tool that is on offer, and that nobody calls. */
const idleRead = (name: string) =>
  defineTool({
    name,
    description:
      'One entry in full: its items with their prices, how it was paid for, how it is delivered, what has come back so far, and what may still be done about it. Use it once you have its name from a list.',
    input: z.strictObject({ reference }),
    effect: 'read',
    idempotency: 'key',
    execution: 'local',
    execute: () => ({}),
  })

const idleWrite = (name: string) =>
  defineTool({
    name,
    description:
      'Changes one entry of the customer, and says what has become of it. It cannot be undone. Look at the entry before you call this: what you ask for is never more than is left of it.',
    input: z.strictObject({ reference, cents: z.int().min(1), reason: z.string().min(1).max(500) }),
    effect: 'irreversible',
    idempotency: 'key',
    approval: {
      rules: [{ name: `${name}-above-50`, when: { argument: 'cents', above: 5_000 }, verdict: 'ask' }],
    },
    execute: () => ({}),
  })

const getOrder = idleRead('get_order')
const searchHelp = idleRead('search_help')
const readArticle = idleRead('read_article')
const payBack = idleWrite('pay_back')
const takeBack = idleWrite('take_back')
const askPerson = idleWrite('ask_person')
const handBack = handoff({ to: 'support', name: 'hand_back' })
const research = subAgent({ to: 'research', name: 'research' })

const LIMITS = {
  maxCostMicroUsd: 2_000_000,
  maxTokens: 2_000_000,
  maxModelCalls: 200,
  maxToolCalls: 200,
}
const degradedAnswer =
  'I am sorry, I cannot finish your request right now. Whatever I have confirmed stands, and nothing more happens without you: please write again in a few minutes.'

/** What may stand between a run and its models, beside the circuit breakers and pauses that a service has of itself. */
interface Guards {
  readonly cache?: AgentCache
  readonly limits?: readonly LimitRow[]
}

/** All of them, where no answer is ever given again and no limit holds a call up: what they cost, and nothing of what they save. */
export const EVERY_GUARD = {
  cache: { exact: { ttlMs: 3_600_000 }, semantic: { ttlMs: 3_600_000 } },
  limits: [
    { provider: 'openai', requestsPerMinute: 1_000_000, tokensPerMinute: 10_000_000_000 },
    { provider: 'openai', tenant: '*', requestsPerMinute: 1_000_000, tokensPerMinute: 10_000_000_000 },
  ],
} satisfies Guards

/** The dearest case: answers after tools are looked up and kept as well, so that each step asks the cache in vain. */
export const EVERY_GUARD_WITH_TOOLS: Guards = {
  ...EVERY_GUARD,
  cache: { ...EVERY_GUARD.cache, withTools: true },
}

export function benchDesk({ cache, limits = [] }: Guards = {}) {
  const guarded = cache === undefined ? {} : { cache }
  const specialist = (name: string, characters: number, tools: readonly DefinedTool[]) =>
    defineAgent({
      name,
      version: 'v1',
      startable: false,
      instructions: promptOf(characters),
      tools: [...tools, askPerson, handBack],
      degradedAnswer,
      ...guarded,
    })

  return defineApp({
    name: 'bench_desk',
    models: { limits },
    agents: [
      defineAgent({
        name: 'support',
        version: 'v1',
        instructions: promptOf(2_700),
        tools: [
          handoff({ to: 'billing' }),
          handoff({ to: 'returns' }),
          handoff({ to: 'technical' }),
          searchHelp,
          readArticle,
          askPerson,
        ],
        whenNoModel: { waitMs: 14_400_000 },
        degradedAnswer,
        limits: { maxSteps: 40, deadlineMs: 3_600_000 },
        budget: { limits: LIMITS, onReached: 'pause' },
        ...guarded,
      }),
      specialist('billing', 3_600, [listOrders, getOrder, searchHelp, readArticle, research, payBack]),
      specialist('returns', 3_200, [listOrders, getOrder, searchHelp, readArticle, takeBack]),
      specialist('technical', 3_000, [searchHelp, readArticle, research]),
      defineAgent({
        name: 'research',
        version: 'v1',
        instructions: promptOf(1_900),
        tools: [listOrders, getOrder, searchHelp, readArticle],
        whenNoModel: 'answer',
        degradedAnswer,
        limits: { maxSteps: 12, deadlineMs: 900_000 },
        budget: { limits: { ...LIMITS, maxCostMicroUsd: 500_000, maxTokens: 500_000 }, onReached: 'finish' },
      }),
    ],
    migrations: new URL('./migrations/', import.meta.url),
  })
}

/** Some orders of the caller that the bench's runs have. */
export async function seedBench(db: AppDatabase): Promise<void> {
  for (let order = 1; order <= ORDERS; order += 1) {
    await db.query({
      text: `insert into bench_orders (tenant, number, owner, placed_on, paid_cents, items)
        values ('default', $1, 'local', date '2026-01-01' + $2::integer, 12900, $3)`,
      values: [`L-2000${order}`, order, JSON.stringify(ITEMS)],
    })
  }
}
