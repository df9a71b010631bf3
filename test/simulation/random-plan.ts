import type { PlannedModel } from '../../src/contracts/model.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Effect, PlannedTool, Verdict } from '../../src/contracts/tool.ts'
import type { Random } from './random.ts'

const MODEL: PlannedModel = { provider: 'openai', wire: 'openai-responses', model: 'm', maxOutputTokens: 100 }

/** A plan of any shape that the types allow: short chains, few steps, every effect and every kind of approval rule. */
export function randomPlan(random: Random): RunPlan {
  return {
    format: 1,
    agent: { name: 'simulated', version: '1' },
    prompt: { name: 'simulated', version: 'v1' },
    chain: Array.from({ length: 1 + random.below(3) }, (_, hop) => ({ ...MODEL, model: `m${hop}` })),
    degradedAnswer: 'Sorry.',
    tools: Array.from({ length: 4 }, (_, index) => randomTool(random, index)),
    limits: {
      maxSteps: 1 + random.below(6),
      deadlineMs: random.chance(0.2) ? 50 + random.below(500) : 1_000_000,
      approvalTimeoutMs: random.chance(0.3) ? 20 + random.below(200) : 10_000_000,
      historyEvents: 3_000,
      historyBytes: 2_000_000,
    },
  }
}

function randomTool(random: Random, index: number): PlannedTool {
  const verdicts: readonly Verdict[] = ['allow', 'ask', 'deny']
  const rules = Array.from({ length: random.below(3) }, (_, rule) => ({
    name: `rule-${rule}`,
    when: random.chance(0.3) ? ('always' as const) : { argument: 'amount', above: random.below(100) },
    verdict: random.pick(verdicts),
  }))
  return {
    name: `tool${index}`,
    effect: random.pick<Effect>(['read', 'write', 'irreversible']),
    idempotency: random.pick(['key', 'none'] as const),
    execution: random.pick(['activity', 'local'] as const),
    timeoutMs: 1_000,
    attempts: 3,
    approval: { rules, otherwise: random.chance(0.7) ? 'allow' : random.pick(verdicts) },
  }
}
