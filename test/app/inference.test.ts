import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import {
  type AppDatabase,
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  type LocalSettings,
  secret,
  setup,
  ToolError,
} from '../../src/index.ts'

/*
 * What the types promise to who writes an application. Every line under `@ts-expect-error` has to be refused by the compiler: one
 * that it takes makes `tsc` fail. The calls themselves are harmless, and the test at the end runs what they made.
 */

function exactly<T>() {
  return <U>(value: U & ([T] extends [U] ? ([U] extends [T] ? unknown : never) : never)): U => value
}

const input = z.strictObject({
  order: z.string(),
  cents: z.int().positive(),
  note: z.string().optional(),
  retries: z.number().default(3),
})
const base = { name: 'pay', description: 'Pays.', input } as const

const pay = defineTool({
  ...base,
  effect: 'irreversible',
  facts: ({ order, cents }) => ({ eur: cents / 100, owner: order, since: new Date(0) }),
  approval: {
    rules: [
      { name: 'above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask', terms: 'finance' },
      { name: 'foreign', when: { argument: 'order', outside: ['-eu'] }, verdict: 'deny' },
      { name: 'dear', when: { fact: 'eur', above: 50 }, verdict: 'ask' },
      { name: 'strange', when: { fact: 'owner', outside: ['@corp.example'] }, verdict: 'ask' },
    ],
  },
  approvers: ({ caller, args, facts }) => ({ principals: [caller.principal, args.order, facts.owner] }),
  execute({ order, cents, note, retries }, { facts, approvedBy }) {
    exactly<string>()(order)
    exactly<number>()(cents)
    exactly<string | undefined>()(note)
    exactly<number>()(retries)
    exactly<number>()(facts.eur)
    // JSON has no dates.
    exactly<string>()(facts.since)
    exactly<readonly string[]>()(approvedBy)
    // @ts-expect-error a fact that the tool does not look up
    return { paid: cents, fact: facts.price }
  },
})

const write = { ...base, effect: 'write', execute: () => 1 } as const
const read = { ...base, effect: 'read' } as const
const asks = <const W>(when: W) => ({ rules: [{ name: 'rule', when, verdict: 'ask' as const }] })

// @ts-expect-error an argument that is not in the schema
defineTool({ ...write, approval: asks({ argument: 'amount', above: 1 }) })
// @ts-expect-error a rule about numbers, and an argument that is text
defineTool({ ...write, approval: asks({ argument: 'order', above: 1 }) })
// @ts-expect-error a rule about text, and an argument that is a number
defineTool({ ...write, approval: asks({ argument: 'cents', outside: ['x'] }) })
// @ts-expect-error an argument that the model may leave out
defineTool({ ...write, approval: asks({ argument: 'note', outside: ['x'] }) })
// @ts-expect-error an argument with a default, which the model may leave out too
defineTool({ ...write, approval: asks({ argument: 'retries', above: 3 }) })
// @ts-expect-error a rule about a fact that the tool does not look up
defineTool({ ...write, facts: ({ cents }) => ({ usd: cents }), approval: asks({ fact: 'eur', above: 3 }) })
// @ts-expect-error a rule about numbers, and a fact that is text
defineTool({ ...write, facts: async () => ({ eur: 'much' }), approval: asks({ fact: 'eur', above: 3 }) })
// @ts-expect-error terms of a rule that asks nobody
defineTool({ ...write, approval: { rules: [{ name: 'r', when: 'always', verdict: 'deny', terms: 't' }] } })
// @ts-expect-error irreversible, and nobody is asked
defineTool({ ...base, effect: 'irreversible', execute: () => 1 })
// @ts-expect-error only what reads is local
defineTool({ ...write, execution: 'local' })
// @ts-expect-error an effect that there is not
defineTool({ ...base, effect: 'delete', execute: () => 1 })
// @ts-expect-error an argument that execute is not given
defineTool({ ...read, execute: ({ amount }) => amount })
// @ts-expect-error a result that is not JSON
defineTool({ ...read, execute: () => 1n })
// @ts-expect-error the arguments of a call are an object
defineTool({ ...write, input: z.string() })
// @ts-expect-error an application without `setup` has no services to speak of
defineTool({ ...read, execute: (_, { services }) => services.corp.pay() })
// @ts-expect-error the database has no way to close it
defineTool({ ...read, execute: (_, { db }) => db.close() })
// @ts-expect-error tools are objects, so that a typo does not compile
defineAgent({ name: 'a', version: 'v1', instructions: 'Help.', tools: ['pay'] })
// @ts-expect-error a field that no agent has
defineAgent({ name: 'a', version: 'v1', instructions: 'Help.', tool: [pay] })
// @ts-expect-error a limit that there is not
defineAgent({ name: 'a', version: 'v1', instructions: 'Help.', limits: { maxTurns: 3 } })
// @ts-expect-error a model has a provider
defineAgent({ name: 'a', version: 'v1', instructions: 'Help.', models: ['gpt-5.5'] })
// @ts-expect-error a handoff is to somebody
handoff({ name: 'handoff_to_nobody' })

interface Corp {
  employee(id: string): Promise<{ readonly name: string }>
}
const corp: Corp = { employee: async (id) => ({ name: `Employee ${id}` }) }

const own = setup({
  env: z.object({ CORP_URL: z.url(), CORP_TOKEN: secret(), CORP_RETRIES: z.coerce.number().default(2) }),
  services: ({ env }) => {
    exactly<{ CORP_URL: string; CORP_TOKEN: string; CORP_RETRIES: number }>()(env)
    return { corp }
  },
})

const lookUp = own.defineTool({
  name: 'look_up',
  description: 'Looks an employee up.',
  input: z.strictObject({ id: z.string() }),
  effect: 'read',
  facts: async ({ id }, { services }) => services.corp.employee(id),
  async execute({ id }, { env, services, facts, caller, db }) {
    exactly<number>()(env.CORP_RETRIES)
    exactly<AppDatabase>()(db)
    exactly<string>()(facts.name)
    if (id === caller.principal) throw new ToolError('That is you.', { code: 'tool_refused' })
    // @ts-expect-error a variable that the application does not read
    exactly<undefined>()(env.CORP_KEY)
    // @ts-expect-error a service that the application does not have
    exactly<undefined>()(services.shop)
    return services.corp.employee(id)
  },
})

// @ts-expect-error a tool that needs services, in an agent of an application that has none
defineAgent({ name: 'desk', version: 'v1', instructions: 'Help.', tools: [lookUp] })

const desk = own.defineAgent({
  name: 'desk',
  version: 'v1',
  instructions: ({ user, today }: { user: string; today: string }) => `You help ${user}. It is ${today}.`,
  tools: [lookUp, handoff({ to: 'desk' })],
})
const local: LocalSettings = { example: { agent: 'desk', input: 'Who is 7?' } }

const build = [
  // @ts-expect-error an agent whose instructions speak of a context that the application does not give
  () => own.defineApp({ name: 'desk', agents: [desk] }),
  // @ts-expect-error a context without a member that the instructions use
  () => own.defineApp({ name: 'desk', agents: [desk], context: () => ({ user: 'u' }) }),
  // @ts-expect-error an agent that needs services, in an application that has none
  () => defineApp({ name: 'desk', agents: [desk], context: () => ({ user: 'u', today: 't' }) }),
  () =>
    own.defineApp({
      name: 'desk',
      agents: [desk],
      local,
      context: async ({ caller, now, services, metadata }) => ({
        user: (await services.corp.employee(caller.principal)).name,
        today: now.toISOString(),
        team: metadata['team'] ?? null,
      }),
    }),
]

const dated = defineAgent({
  name: 'dated',
  version: 'v1',
  instructions: (context: { day: number }) => `Day ${context.day}.`,
})
const plain = defineAgent({ name: 'plain', version: 'v1', instructions: 'Help.' })
const further = [
  // The context has what both need.
  () =>
    own.defineApp({
      name: 'both',
      agents: [desk, dated, plain],
      context: ({ now, env }) => ({ user: env.CORP_URL, today: 'today', day: now.getDay() }),
    }),
  // @ts-expect-error a context of which one agent has no use for the type
  () => defineApp({ name: 'one', agents: [dated, plain], context: ({ now }) => ({ day: now }) }),
  // @ts-expect-error a field that no application has
  () => defineApp({ name: 'one', agents: [plain], agent: plain }),
]

test('what the types let through is what handlers get', async () => {
  assert.equal(build.length + further.length, 7)
  const args = { order: 'o-1', cents: 6_000 }
  const facts = await pay.handlers.facts?.(args, {} as never)
  assert.deepEqual(facts, { eur: 60, owner: 'o-1', since: '1970-01-01T00:00:00.000Z' })
  const context = { facts, approvedBy: [], caller: { principal: 'me' } } as never
  assert.deepEqual(await pay.handlers.approvers?.(args, context), { principals: ['me', 'o-1', 'o-1'] })
  assert.deepEqual(await pay.handlers.execute?.(args, context), { paid: 6_000 })
})
