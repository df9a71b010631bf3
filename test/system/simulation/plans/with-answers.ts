import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Random } from '../random.ts'

/** The plan, mostly with turns for answers that are cut off, and now and then with agents whose answers have a schema. */
export function withAnswers(random: Random, plan: RunPlan): RunPlan {
  if (random.chance(0.3)) return plan
  const all = <A extends PlannedAgent>(agent: A): A =>
    random.chance(0.5) ? { ...agent, output: { type: 'object' } } : agent
  const { specialists, limits } = plan
  return {
    ...all(plan),
    ...(specialists !== undefined && {
      specialists: Object.fromEntries(Object.entries(specialists).map(([name, one]) => [name, all(one)])),
    }),
    limits: { ...limits, answerRepairs: random.below(3), answerContinuations: random.below(3) },
  }
}
