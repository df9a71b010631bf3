import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { secret, setup, ToolError } from '../../src/index.ts'

/* A helpdesk whose tools call a company's service: what an author writes compiles as it stands, with nothing annotated. */

interface Employee {
  readonly id: string
  readonly name: string
  readonly manager: string | null
}

interface Corp extends AsyncDisposable {
  employee(id: string): Promise<Employee | null>
  priceOf(sku: string): Promise<{ readonly eur: number; readonly vendor: string }>
  resetPassword(id: string, key: string): Promise<void>
  order(sku: string, by: readonly string[]): Promise<Employee>
}

const closed: string[] = []

function corpClient(url: string, token: string): Corp {
  const ada: Employee = { id: 'ada', name: 'Ada', manager: 'grace' }
  return {
    employee: async (id) => (id === 'ada' ? ada : null),
    priceOf: async (sku) => ({ eur: sku.length * 500, vendor: url }),
    resetPassword: async () => undefined,
    order: async () => ada,
    [Symbol.asyncDispose]: async () => {
      closed.push(token)
    },
  }
}

const { defineAgent, defineApp, defineTool } = setup({
  env: z.object({ CORP_URL: z.url(), CORP_TOKEN: secret() }),
  services: ({ env }) => ({ corp: corpClient(env.CORP_URL, env.CORP_TOKEN) }),
})

const lookUpEmployee = defineTool({
  name: 'look_up_employee',
  description: 'An employee, by id.',
  input: z.strictObject({ id: z.string() }),
  effect: 'read',
  async execute({ id }, { services }) {
    const employee = await services.corp.employee(id)
    if (employee === null) throw new ToolError('No such employee.', { code: 'tool_not_found' })
    return employee
  },
})

const resetPassword = defineTool({
  name: 'reset_password',
  description: 'Resets a password.',
  input: z.strictObject({ id: z.string() }),
  effect: 'write',
  approval: { otherwise: 'ask' },
  async approvers({ caller, services }) {
    const employee = await services.corp.employee(caller.principal)
    return employee?.manager ? { principals: [employee.manager] } : { groups: ['helpdesk'] }
  },
  // What returns nothing is welcome.
  execute: ({ id }, { services, callKey }) => services.corp.resetPassword(id, callKey),
})

const orderLaptop = defineTool({
  name: 'order_laptop',
  description: 'Orders a laptop.',
  input: z.strictObject({ sku: z.string() }),
  effect: 'irreversible',
  idempotency: 'key',
  facts: ({ sku }, { services }) => services.corp.priceOf(sku),
  approval: {
    rules: [
      { name: 'any-laptop', when: 'always', verdict: 'ask' },
      { name: 'dear-laptop', when: { fact: 'eur', above: 1_500 }, verdict: 'ask', terms: 'two_of_finance' },
    ],
  },
  async execute({ sku }, { services, facts, approvedBy }) {
    const by = await services.corp.order(sku, approvedBy)
    return { sku, eur: facts.eur, vendor: facts.vendor, by }
  },
})

const helpdesk = defineAgent({
  name: 'helpdesk',
  version: 'v1',
  instructions: ({ user, today }: { user: string; today: string }) => `You help ${user}. Today is ${today}.`,
  tools: [lookUpEmployee, resetPassword, orderLaptop],
})

const app = defineApp({
  name: 'helpdesk',
  agents: [helpdesk],
  approvalTerms: { two_of_finance: { approvers: ['finance'], quorum: 2, excludeRequester: true } },
  context: async ({ caller, now, services }) => ({
    user: (await services.corp.employee(caller.principal))?.name ?? 'somebody',
    today: now.toISOString().slice(0, 10),
  }),
})

test('a helpdesk with a service, facts, approvers and a context works as it is written', async () => {
  const read = app.environment.read({ CORP_URL: 'http://corp.example', CORP_TOKEN: 't0ken' })
  assert.ok('env' in read)
  const outside = await app.environment.open(read.env)
  const caller = { tenant: 't', principal: 'ada', groups: [], scopes: [] }
  const given = { ...outside, caller, callKey: 'k', facts: {}, approvedBy: ['grace', 'linus'] } as never
  const context = await app.context({ caller, metadata: {}, now: new Date(0) }, outside)
  assert.equal(app.instructions('helpdesk', context), 'You help Ada. Today is 1970-01-01.')
  const facts = await app.tool('order_laptop')?.facts?.({ sku: 'x13' }, given)
  assert.deepEqual(facts, { eur: 1_500, vendor: 'http://corp.example' })
  assert.deepEqual(await app.tool('reset_password')?.approvers?.({ id: 'bob' }, given), {
    principals: ['grace'],
  })
  assert.deepEqual(await app.tool('reset_password')?.execute?.({ id: 'bob' }, given), {})
  const laptop = await app
    .tool('order_laptop')
    ?.execute?.({ sku: 'x13' }, { ...(given as object), facts } as never)
  assert.deepEqual(laptop, {
    sku: 'x13',
    eur: 1_500,
    vendor: 'http://corp.example',
    by: { id: 'ada', name: 'Ada', manager: 'grace' },
  })
  const unknown = app.tool('look_up_employee')?.execute?.({ id: 'bob' }, given)
  await assert.rejects(async () => unknown, { code: 'tool_not_found', message: 'No such employee.' })
  await outside[Symbol.asyncDispose]()
  assert.deepEqual(closed, ['t0ken'])
})
