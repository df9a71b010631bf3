import { z } from 'zod'
import { BUDGET_PERIODS } from '../../contracts/budgets/budget.ts'
import { RUN_REASONS, TERMINAL_STATUSES } from '../../contracts/runs/run.ts'
import { day } from '../budgets/usage.schema.ts'

/** What a report can be asked of. */
export const reportDay = z.union([z.enum(['today', 'yesterday']), day])

/** The route itself looks whether it is a day: a path that does not fit is answered as one that is not there. */
export const reportParams = z.strictObject({
  day: z
    .string()
    .describe("A day by the tenant's time zone, that has begun: `YYYY-MM-DD`, `today` or `yesterday`.")
    .meta({ pattern: '^(today|yesterday|[0-9]{4}-[0-9]{2}-[0-9]{2})$' }),
})

const count = z.int().min(0)

const spend = {
  cost_micro_usd: count.describe('Of what is settled, calls of unknown price left out.'),
  unknown_micro_usd: count.describe('Worst case of attempts whose end is not known.'),
  input_tokens: count,
  output_tokens: count,
  model_calls: count.describe('Attempts that gave an answer.'),
  attempts: count.describe('All that was asked of a provider.'),
  open_attempts: count.describe('Those that were not settled when the report was made.'),
  unpriced_attempts: count.describe('Those whose price the price book did not know.'),
  day_before_micro_usd: count.describe('Settled cost of the day before.'),
  week_mean_micro_usd: count.describe(
    'Mean of the seven days before, rounded; a day without traffic is one of them.',
  ),
}

const breakdown = z
  .strictObject({
    rows: z.array(z.strictObject({ key: z.string(), ...spend })).describe('The most expensive first.'),
    others: z
      .strictObject({ keys: count.describe('How many there are.'), ...spend })
      .nullable()
      .describe('Those beyond the rows, added up; null where there are none.'),
  })
  .describe('Rows and others together are the total.')

export const dailyReport = z
  .strictObject({
    object: z.literal('daily_report'),
    tenant: z.string(),
    day: z.string(),
    time_zone: z.string(),
    starts_at: z.iso.datetime(),
    ends_at: z.iso.datetime(),
    is_over: z
      .boolean()
      .describe('Whether the day was over when the report was made; otherwise it says what there is so far.'),
    made_at: z.iso.datetime(),
    total: z.strictObject(spend),
    by_agent: breakdown,
    by_model: breakdown,
    by_principal: breakdown,
    outcomes: z
      .array(
        z.strictObject({
          status: z.enum(TERMINAL_STATUSES),
          reason: z.enum(RUN_REASONS).nullable(),
          runs: count,
        }),
      )
      .describe('How runs have ended that day; sub-agents are left out.'),
    most_expensive_runs: z
      .array(
        z.strictObject({
          run_id: z.string(),
          agent: z.string(),
          principal: z.string(),
          cost_micro_usd: count,
          unknown_micro_usd: count,
          attempts: count,
        }),
      )
      .describe("By what they have cost that day, their sub-agents' runs included."),
    failing_tools: z
      .array(
        z.strictObject({
          tool: z.string(),
          calls: count.describe('That ended that day.'),
          failed: count,
          unknown: count.describe('Calls that may have taken effect.'),
          code: z.string().nullable().describe('The most frequent one.'),
        }),
      )
      .describe('Those that failed most first; tools without a failure are left out.'),
    refusing_tools: z
      .array(
        z.strictObject({
          tool: z.string(),
          calls: count.describe('That ended that day.'),
          refused: count.describe('Calls that the tool itself has answered with a no.'),
          code: z.string().describe('The most frequent one.'),
        }),
      )
      .describe('Those that refused most first. Nothing is broken there.'),
    failing_models: z
      .array(
        z.strictObject({
          model: z.string(),
          attempts: count.describe('Booked that day.'),
          failed: count,
          code: z.string().nullable().describe('The most frequent one.'),
        }),
      )
      .describe('Those whose attempts failed most first.'),
    saved: z.strictObject({
      answer_cache: z.strictObject({ hits: count, misses: count, saved_micro_usd: count }),
      prompt_cache: z.strictObject({ cached_input_tokens: count, saved_micro_usd: z.int() }),
      routing: z
        .strictObject({ answers: count, saved_micro_usd: z.int() })
        .describe(
          "Answers of agents with routes, against the most expensive model that one of the agent's chains begins with, for the same tokens. Only where both prices are known.",
        ),
    }),
    budgets_reached: z.array(
      z.strictObject({
        scope: z.string(),
        subject: z.string().describe("The principal, agent or tenant; of a run's own budget, its agent."),
        limit: z.string(),
        period: z.enum(BUDGET_PERIODS).nullable(),
        times: count,
        runs: count,
      }),
    ),
    unpriced: z
      .array(z.strictObject({ model: z.string(), attempts: count }))
      .describe('Models whose calls had no price.'),
  })
  .meta({ id: 'DailyReport' })
export type DailyReportResource = z.output<typeof dailyReport>
