import type { PlannedModel } from '../../../../../src/contracts/models/model.ts'
import type { RunPlan } from '../../../../../src/contracts/runs/plan.ts'
import { seeded } from '../../../simulation/random.ts'
import { clerkPlan, deskPlan } from '../pay-desk/plans.ts'

/** One of many runs of many small calls. Where its model calls begin in the chain goes by its number. */
export interface SmallRun {
  readonly number: number
  /** Model calls that it takes when nothing goes wrong. */
  readonly steps: number
  readonly input: string
  readonly plan: RunPlan
}

export const STEPS = { least: 2, most: 22 } as const

/** Small answers, so that what is set aside for a call is not far from what it costs. */
const MOST_OUTPUT_TOKENS = 200
const LEAST_OUTPUT_TOKENS = 100

/** One model for each wire. */
const MODELS = [
  { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.4-mini' },
  { provider: 'openai', wire: 'openai-chat', model: 'gpt-4.1-mini' },
  { provider: 'anthropic', wire: 'anthropic-messages', model: 'claude-haiku-4-5' },
] as const satisfies readonly Omit<PlannedModel, 'maxOutputTokens'>[]

export function smallRun(seed: number, number: number): SmallRun {
  const steps = STEPS.least + seeded(seed + number).below(STEPS.most - STEPS.least + 1)
  const chain = MODELS.map((_, place) => {
    const model = MODELS[(number + place) % MODELS.length] ?? MODELS[0]
    return { ...model, maxOutputTokens: MOST_OUTPUT_TOKENS }
  })
  return { number, steps, input: `Run ${number} of ${steps} steps`, plan: planOf(chain) }
}

/** Nothing of its own limits such a run: it is held by the budget that it shares. */
function planOf(chain: readonly PlannedModel[]): RunPlan {
  const { cheaperChain: _, budget, ...plan } = deskPlan('assistant')
  if (budget === undefined) throw new Error('The agent has no budget')
  return {
    ...plan,
    chain,
    tools: clerkPlan().tools.filter(({ name }) => name === 'look_up'),
    budget: { ...budget, limits: {}, onReached: 'fail', floorOutputTokens: LEAST_OUTPUT_TOKENS },
    limits: { ...plan.limits, maxSteps: 100 },
  }
}
