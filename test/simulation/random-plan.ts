import type { ApprovalTerms } from '../../src/contracts/approval.ts'
import type { PlannedModel } from '../../src/contracts/model.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Condition, Effect, PlannedTool, Verdict } from '../../src/contracts/tool.ts'
import type { Random } from './random.ts'

const MODEL: PlannedModel = { provider: 'openai', wire: 'openai-responses', model: 'm', maxOutputTokens: 100 }

/** A plan of any shape that the types allow: short chains, few steps, every effect and every kind of approval rule. */
export function randomPlan(random: Random): RunPlan {
  return {
    format: 2,
    agent: { name: 'simulated', version: '1' },
    prompt: { name: 'simulated', version: 'v1' },
    chain: Array.from({ length: 1 + random.below(3) }, (_, hop) => ({ ...MODEL, model: `m${hop}` })),
    degradedAnswer: 'Sorry.',
    tools: Array.from({ length: 4 }, (_, index) => randomTool(random, index)),
    approvalTerms: { standard: randomTerms(random), other: randomTerms(random) },
    limits: {
      maxSteps: 1 + random.below(6),
      deadlineMs: random.chance(0.2) ? 50 + random.below(500) : 1_000_000,
      historyEvents: 3_000,
      historyBytes: 2_000_000,
    },
  }
}

function randomCondition(random: Random): Condition {
  const kind = random.below(10)
  if (kind < 3) return 'always'
  if (kind === 3) return { firstTime: true }
  return kind === 4
    ? { argument: 'to', outside: ['@ours'] }
    : { argument: 'amount', above: random.below(100) }
}

function randomTerms(random: Random): ApprovalTerms {
  const quorum = random.pick([1, 1, 2, 3])
  const timeoutMs = random.chance(0.3) ? 20 + random.below(200) : 10_000_000
  return {
    approvers: random.pick([[], [], ['finance'], ['finance', 'managers']]),
    quorum,
    excludeRequester: random.chance(0.3),
    rejection: random.pick(['ends', 'votes'] as const),
    decisions: quorum === 1 ? ['approve', 'edit', 'reject', 'respond'] : ['approve', 'reject'],
    timeoutMs,
    onTimeout: random.pick(['reject', 'escalate', 'fail'] as const),
    escalation: Array.from({ length: random.below(3) }, (_, step) => ({
      afterMs: (step + 1) * (10 + random.below(100)),
      to: random.pick([['managers'], ['board']]),
    })),
    remindEveryMs: random.chance(0.3) ? Math.ceil(timeoutMs / (1 + random.below(4))) : 0,
  }
}

function randomTool(random: Random, index: number): PlannedTool {
  const verdicts: readonly Verdict[] = ['allow', 'ask', 'deny']
  const rules = Array.from({ length: random.below(3) }, (_, rule) => ({
    name: `rule-${rule}`,
    when: randomCondition(random),
    verdict: random.pick(verdicts),
    ...(random.chance(0.5) && { terms: 'other' }),
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
