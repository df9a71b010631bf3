import type { Condition, Effect, PlannedTool, Verdict } from '../../../../src/contracts/tools/tool.ts'
import type { Random } from '../random.ts'

type Execution = Pick<PlannedTool, 'execution' | 'to'>

/** A tool with every effect and every kind of approval rule. */
export function randomTool(random: Random, name: string, execution: Execution): PlannedTool {
  const verdicts: readonly Verdict[] = ['allow', 'ask', 'deny']
  const rules = Array.from({ length: random.below(3) }, (_, rule) => ({
    name: `rule-${rule}`,
    when: randomCondition(random),
    verdict: random.pick(verdicts),
    ...(random.chance(0.5) && { terms: 'other' }),
  }))
  return {
    name,
    effect: random.pick<Effect>(['read', 'write', 'irreversible']),
    idempotency: random.pick(['key', 'none'] as const),
    ...execution,
    timeoutMs: 1_000,
    attempts: 3,
    approval: { rules, otherwise: random.chance(0.7) ? 'allow' : random.pick(verdicts) },
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
