import { z } from 'zod'
import type { PlanOverrides } from '../../src/app/plan/plan-overrides.ts'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import type { PlannedTool } from '../../src/contracts/tools/tool.ts'
import { defineAgent, defineApp, defineTool, handoff, subAgent, ToolError } from '../../src/index.ts'

/*
 * The application of the product's own tests: as small as one can be that looks something up, changes something, pays something that
 * cannot be undone, hands on and starts a sub-agent. `office/effects.ts` reads what its tools have done, and `office/scripts.ts` has what
 * its models may say.
 */

const lookUp = defineTool({
  name: 'look_up',
  description: 'What the files say about a key.',
  input: z.strictObject({ key: z.string().max(40) }),
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  async execute({ key }, { db }) {
    const [file] = await db.query<{ content: string }>({
      name: 'look_up',
      text: 'select content from office_files where key = $1',
      values: [key],
    })
    if (file === undefined) throw new ToolError('There is no such file.', { code: 'tool_not_found' })
    return { key, found: file.content }
  },
})

const takeNote = defineTool({
  name: 'take_note',
  description: 'Keeps a note.',
  input: z.strictObject({ content: z.string().max(1_000) }),
  effect: 'write',
  idempotency: 'key',
  async execute({ content }, { db, runId, callKey }) {
    await db.query({
      name: 'take_note',
      text: `
        insert into office_notes (call_key, run_id, content) values ($1, $2, $3)
        on conflict (call_key) do update set times = office_notes.times + 1`,
      values: [callKey, runId, content],
    })
    return { noted: callKey }
  },
})

const pay = defineTool({
  name: 'pay',
  description: 'Pays somebody. It cannot be undone.',
  input: z.strictObject({ to: z.string().max(80), cents: z.int().positive() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [{ name: 'pay-above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask' }] },
  async execute({ to, cents }, { db, caller, runId, callKey }) {
    await db.query({
      name: 'pay',
      text: `
        insert into office_payments (call_key, run_id, tenant, principal, groups, recipient, cents)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (call_key) do update set times = office_payments.times + 1`,
      values: [callKey, runId, caller.tenant, caller.principal, JSON.stringify(caller.groups), to, cents],
    })
    return { paid: callKey, to, cents }
  },
})

/** What a thing costs is looked up, and `local` decides about dear ones. */
const order = defineTool({
  name: 'order',
  description: 'Orders a thing. It cannot be sent back.',
  input: z.strictObject({ thing: z.enum(['pen', 'desk', 'car']) }),
  effect: 'irreversible',
  idempotency: 'key',
  facts: ({ thing }) => ({ cents: { pen: 200, desk: 40_000, car: 3_000_000 }[thing] }),
  approvers: () => ({ principals: ['local'] }),
  approval: {
    rules: [
      { name: 'no-cars', when: { fact: 'cents', above: 1_000_000 }, verdict: 'deny' },
      { name: 'dear', when: { fact: 'cents', above: 5_000 }, verdict: 'ask' },
    ],
  },
  execute: ({ thing }, { facts, callKey }) => ({ ordered: thing, cents: facts.cents, callKey }),
})

/**
 * As long as instructions in earnest. The upper bound of a call's input goes by their length, and must be above the 1,000 tokens that
 * scripted calls are charged for.
 */
const RESEARCH_INSTRUCTIONS = 'Look things up, one after the other, and report what you have found. '.repeat(
  40,
)

const office = defineApp({
  name: 'office',
  migrations: new URL('office/migrations/', import.meta.url),
  agents: [
    defineAgent({
      name: 'assistant',
      version: 'v1',
      purpose: 'Answers without tools.',
      instructions: 'Answer.',
    }),
    defineAgent({
      name: 'research',
      version: 'v1',
      purpose: 'Looks into a question.',
      instructions: RESEARCH_INSTRUCTIONS,
      tools: [lookUp],
      limits: { maxSteps: 12 },
      budget: { limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60 } },
    }),
    defineAgent({
      name: 'clerk',
      version: 'v1',
      purpose: 'Does alone all that the office can do.',
      instructions: 'Do what you are asked to do.',
      tools: [lookUp, takeNote, pay],
      // As long as most outages of a provider last.
      whenNoModel: { waitMs: 14_400_000 },
      limits: { maxSteps: 40, deadlineMs: 3_600_000 },
    }),
    defineAgent({
      name: 'buyer',
      version: 'v1',
      purpose: 'Orders what the office needs.',
      instructions: 'Order what is needed.',
      tools: [order],
    }),
    defineAgent({
      name: 'support',
      version: 'v2',
      purpose: 'Takes requests, and hands on what costs money.',
      instructions: 'Take the request. Hand on what costs money.',
      tools: [lookUp, handoff({ to: 'billing' })],
      limits: { maxSteps: 40, deadlineMs: 3_600_000 },
      budget: {
        limits: {
          maxCostMicroUsd: 2_000_000,
          maxTokens: 2_000_000,
          maxModelCalls: 200,
          maxToolCalls: 200,
        },
        onReached: 'pause',
      },
    }),
    defineAgent({
      name: 'billing',
      version: 'v1',
      purpose: 'Pays.',
      instructions: 'Pay what is owed.',
      startable: false,
      tools: [
        lookUp,
        pay,
        subAgent({ to: 'research', name: 'research' }),
        handoff({ to: 'support', name: 'hand_back' }),
      ],
    }),
  ],
})

export default office

/** What a run of this agent would be pinned to. */
export function officePlan(
  agent: 'assistant' | 'clerk' | 'research' | 'support',
  overrides: PlanOverrides = {},
): RunPlan {
  const plan = office.plan(agent, overrides)
  if (plan === null) throw new Error(`The office has no agent ${agent}.`)
  return plan
}

type ClerkChanges = Partial<RunPlan['limits']> & { readonly approvalTimeoutMs?: number }

/** The clerk with other limits, and with no budget: budgets have tests of their own. */
export function clerkPlan({ approvalTimeoutMs, ...limits }: ClerkChanges = {}): RunPlan {
  const { budget: _, ...plan } = officePlan('clerk')
  const { standard } = plan.approvalTerms
  const timeoutMs = approvalTimeoutMs ?? standard.timeoutMs
  return {
    ...plan,
    limits: { ...plan.limits, ...limits },
    approvalTerms: { ...plan.approvalTerms, standard: { ...standard, timeoutMs } },
  }
}

/** The same, with a person asked before any call of this tool. */
export function askingPlan(tool: string, changes: ClerkChanges = {}): RunPlan {
  return withTool(clerkPlan(changes), tool, { approval: { rules: [], otherwise: 'ask' } })
}

/** A plan whose own tool of this name is another one in part. */
export function withTool(plan: RunPlan, name: string, change: Partial<PlannedTool>): RunPlan {
  return { ...plan, tools: plan.tools.map((tool) => (tool.name === name ? { ...tool, ...change } : tool)) }
}

/** A tool of the support team, as its runs pin it. */
export function officeTool(
  name: 'look_up' | 'pay' | 'research' | 'handoff_to_billing' | 'hand_back',
): PlannedTool {
  const { specialists = {}, ...entry } = officePlan('support')
  const tools = [entry, ...Object.values(specialists)].flatMap((agent) => agent.tools)
  const found = tools.find((tool) => tool.name === name)
  if (found === undefined) throw new Error(`The office has no tool ${name}.`)
  return found
}
