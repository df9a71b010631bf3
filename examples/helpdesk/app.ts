import { secret, setup, ToolError } from 'holdfast'
import { z } from 'zod'
import { corpClient } from './corp-client.ts'

const { defineAgent, defineApp, defineTool } = setup({
  env: z.object({ CORP_URL: z.url(), CORP_TOKEN: secret() }),
  services: ({ env }) => ({ corp: corpClient(env.CORP_URL, env.CORP_TOKEN) }),
})

const lookUpEmployee = defineTool({
  name: 'look_up_employee',
  description: 'One employee by e-mail address: name, team, manager and devices.',
  input: z.strictObject({ email: z.email() }),
  effect: 'read',
  async execute({ email }, { services }) {
    const employee = await services.corp.employee(email)
    if (employee === null) throw new ToolError('Nobody here has this address.')
    return employee
  },
})

const searchRunbooks = defineTool({
  name: 'search_runbooks',
  description: 'The titles and texts of runbooks that match some words.',
  input: z.strictObject({ words: z.string().min(2) }),
  effect: 'read',
  execute: ({ words }, { services }) => services.corp.runbooks(words),
})

const resetPassword = defineTool({
  name: 'reset_password',
  description: 'Resets the password of the person who asks. Their manager approves it.',
  input: z.strictObject({ reason: z.string().min(1) }),
  effect: 'write',
  idempotency: 'key',
  approval: { rules: [{ name: 'manager-approves', when: 'always', verdict: 'ask', terms: 'manager' }] },
  approvers: async ({ caller, services }) => ({
    principals: [await services.corp.managerOf(caller.principal)],
  }),
  execute: (_, { caller, callKey, services, approvedBy }) =>
    services.corp.resetPassword(caller.principal, callKey, approvedBy),
})

const orderLaptop = defineTool({
  name: 'order_laptop',
  description: 'Orders a laptop for the person who asks, by its article number. It cannot be undone.',
  input: z.strictObject({ sku: z.string() }),
  effect: 'irreversible',
  idempotency: 'key',
  facts: async ({ sku }, { services }) => ({ eur: await services.corp.priceOf(sku) }),
  approval: {
    rules: [{ name: 'above-1500', when: { fact: 'eur', above: 1_500 }, verdict: 'ask', terms: 'purchasing' }],
    otherwise: 'allow',
  },
  execute: ({ sku }, { caller, callKey, facts, services }) =>
    services.corp.orderLaptop(caller.principal, callKey, sku, facts.eur),
})

const helpdesk = defineAgent({
  name: 'helpdesk',
  version: 'v1',
  purpose: 'Helps employees with accounts and devices.',
  instructions: ({ user, today }) =>
    `You are the IT helpdesk. ${user} is writing to you; today is ${today}. Look in the runbooks before you answer. Never ask for a password.`,
  tools: [lookUpEmployee, searchRunbooks, resetPassword, orderLaptop],
})

/** What a ticket system does with a request before anybody reads it. */
export const triageOutput = z.strictObject({
  queue: z.enum(['accounts', 'devices', 'other']),
  urgent: z.boolean().describe('Somebody cannot work until it is done.'),
  summary: z.string().min(1).max(200),
})

const triage = defineAgent({
  name: 'triage',
  version: 'v1',
  purpose: 'Sorts a request into a queue.',
  instructions: 'Sort the request that an employee has written to the IT helpdesk.',
  output: triageOutput,
})

export default defineApp({
  name: 'helpdesk',
  agents: [helpdesk, triage],
  context: ({ caller, now }) => ({ user: caller.principal, today: now.toISOString().slice(0, 10) }),
  approvalTerms: {
    manager: { excludeRequester: true },
    purchasing: { approvers: ['purchasing'], quorum: 2, excludeRequester: true },
  },
})
