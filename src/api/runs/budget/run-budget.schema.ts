import { z } from 'zod'
import { ON_REACHED, ON_UNKNOWN_PRICE } from '../../../contracts/budgets/budget.ts'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import { idempotencyKey } from '../../http/requests/request-headers.schema.ts'

const { budgetAmount, budgetCount, deadlineMs } = REQUEST_LIMITS

/** Micro-USD or tokens. */
const amount = z.int().min(1).max(budgetAmount)
const number = z.int().min(1).max(budgetCount)
const time = z.int().min(1).max(deadlineMs.most)

const LIMITS = {
  max_cost_micro_usd: amount.optional(),
  max_tokens: amount.optional().describe('Input and output of all model calls.'),
  max_model_calls: number.optional().describe('Attempts: what a provider was asked, answered or not.'),
  max_tool_calls: number.optional(),
  max_steps: number.optional().describe('Turns of the loop.'),
  max_active_ms: time.optional().describe("The run's own time; waiting for people does not count."),
}

export const limits = z.strictObject(LIMITS).meta({ id: 'BudgetLimits' })
export type WireLimits = z.output<typeof limits>

const added = z
  .strictObject({
    cost_micro_usd: amount.optional(),
    tokens: amount.optional(),
    model_calls: number.optional(),
    tool_calls: number.optional(),
    steps: number.optional(),
    active_ms: time.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'Must add to a limit.')
  .meta({ id: 'BudgetAddition', minProperties: 1 })
export type WireAdded = z.output<typeof added>

const onReached = z
  .enum(ON_REACHED)
  .describe(
    'When the budget does not cover the next model call: wait for more, go on with cheaper models, answer once more with what there is, or fail.',
  )
const onUnknownPrice = z
  .enum(ON_UNKNOWN_PRICE)
  .describe(
    'A model whose price nobody knows, while a cost limit is in force: is not asked, is asked where a limit of tokens is in force, or is asked.',
  )
const softRatio = z
  .number()
  .describe(
    'Share of a limit at which `budget.threshold` is told; with `degrade` and `finish`, all that the usual way may use.',
  )

/** Fields that replace those of the agent's own budget, one by one. */
export const startBudget = z
  .strictObject({
    ...LIMITS,
    soft_ratio: softRatio.min(0.01).max(1).optional(),
    on_reached: onReached.optional(),
    on_unknown_price: onUnknownPrice.optional(),
  })
  .meta({ id: 'StartBudget' })
export type StartBudget = z.output<typeof startBudget>

export const runBudget = z
  .strictObject({
    limits: limits.describe('In force now. What is not there is not limited.'),
    soft_ratio: softRatio,
    on_reached: onReached,
    on_unknown_price: onUnknownPrice,
    spent: z
      .strictObject({
        cost_micro_usd: z.int().nullable().describe('null once a call of unknown price was made.'),
        unknown_micro_usd: z
          .int()
          .describe('The part of it that is the worst case of calls whose end nobody saw.'),
        tokens: z.int(),
        model_calls: z.int(),
      })
      .describe('What counts against the limits, sub-agents included.'),
    held_micro_usd: z.int().describe('Set aside for calls under way and for sub-agents.'),
  })
  .meta({ id: 'RunBudget' })
export type RunBudgetResource = z.output<typeof runBudget>

export const changeBudgetBody = z
  .strictObject({ ...LIMITS, add: added.optional().describe('Raises limits that are there.') })
  .refine((value) => Object.keys(value).length > 0, 'Must set a limit or add to one.')
  .meta({
    id: 'ChangeBudget',
    minProperties: 1,
    examples: [{ add: { cost_micro_usd: 500_000 } }, { max_tokens: 200_000, max_steps: 60 }],
  })
export type ChangeBudgetBody = z.output<typeof changeBudgetBody>

export const changeBudgetHeaders = z.looseObject({
  'idempotency-key': idempotencyKey('run and to who sends it'),
})
