import { z } from 'zod'
import type { PlanOverrides } from '../../src/app/plan/plan-overrides.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { PlannedTool } from '../../src/contracts/tool.ts'
import { defineAgent, defineApp, defineTool, handoff, subAgent } from '../../src/index.ts'

/*
 * The application of the product's own tests: as small as one can be that hands on, starts a sub-agent, looks something up and
 * pays something that cannot be undone. It has no tables.
 */

const lookUp = defineTool({
  name: 'look_up',
  description: 'What is known of a key.',
  input: z.strictObject({ key: z.string().max(40) }),
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  execute: ({ key }) => ({ key, found: `all about ${key}` }),
})

const pay = defineTool({
  name: 'pay',
  description: 'Pays somebody. It cannot be undone.',
  input: z.strictObject({ to: z.string().max(80), cents: z.int().positive() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [{ name: 'pay-above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask' }] },
  execute: ({ to, cents }, { callKey }) => ({ paid: callKey, to, cents }),
})

const office = defineApp({
  name: 'office',
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
      instructions: 'Look things up and report.',
      tools: [lookUp],
      limits: { maxSteps: 12 },
      budget: { limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60 } },
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
  agent: 'assistant' | 'research' | 'support',
  overrides: PlanOverrides = {},
): RunPlan {
  const plan = office.plan(agent, overrides)
  if (plan === null) throw new Error(`The office has no agent ${agent}.`)
  return plan
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
