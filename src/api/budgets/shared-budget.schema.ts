import { z } from 'zod'
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../contracts/budgets/budget.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { SUBJECT_NAME } from '../../policies/api-keys.ts'
import { pageOf } from '../http/paging/paging.schema.ts'

export const OWN_TENANT = '-'
export const EACH = '*'

const amount = z.int().min(0).max(REQUEST_LIMITS.budgetAmount)

export const budgetParams = z.strictObject({
  scope: z.enum(BUDGET_SCOPES).describe('Whose runs share it.'),
  subject: z
    .string()
    .regex(SUBJECT_NAME)
    .describe(
      `Name of the principal or agent, or \`${EACH}\` for each one that has no budget of its own; \`${OWN_TENANT}\` for the tenant.`,
    ),
  period: z.enum(BUDGET_PERIODS).describe('How long it is for; then it begins anew.'),
})

export const budgetBody = z
  .strictObject({
    max_cost_micro_usd: amount.nullable().default(null),
    max_tokens: amount.nullable().default(null).describe('Input and output of all model calls.'),
    on_reached: z
      .enum(['pause', 'refuse'])
      .default('pause')
      .describe('A run that meets it waits until it is raised or its period ends, or ends at once.'),
    threshold: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.8)
      .describe('Share of a limit at which a run gets the event `budget.threshold`, once a period.'),
  })
  .check(({ value, issues }) => {
    if (value.max_cost_micro_usd !== null || value.max_tokens !== null) return
    issues.push({ code: 'custom', path: [], message: 'Must have a limit.', input: value })
  })
  .meta({
    id: 'NewBudget',
    anyOf: ['max_cost_micro_usd', 'max_tokens'].map((name) => ({
      required: [name],
      properties: { [name]: { type: 'integer' } },
    })),
    examples: [{ max_cost_micro_usd: 50_000_000, on_reached: 'pause', threshold: 0.8 }],
  })

const used = z.strictObject({ cost_micro_usd: z.int(), tokens: z.int() })

export const budget = z
  .strictObject({
    object: z.literal('budget'),
    scope: z.enum(BUDGET_SCOPES),
    subject: z.string(),
    period: z.enum(BUDGET_PERIODS),
    max_cost_micro_usd: z.int().nullable(),
    max_tokens: z.int().nullable(),
    on_reached: z.enum(['pause', 'refuse']),
    threshold: z.number(),
    by: z.string().describe('Who set it last.'),
    updated_at: z.iso.datetime(),
    current: z
      .strictObject({
        starts_on: z.iso.date(),
        ends_at: z.iso.datetime(),
        spent: used.describe('Settled.'),
        unknown: used.describe('Worst case of calls whose end is not known. Counts like what is spent.'),
        held: used.describe('Worst case of calls under way.'),
      })
      .nullable()
      .describe('The period that runs now; null before its first call, and for `*`.'),
  })
  .meta({ id: 'Budget' })
export type BudgetResource = z.output<typeof budget>

export const budgetPage = pageOf(budget).meta({ id: 'BudgetPage' })
