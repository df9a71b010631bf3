import { ANSWER_CACHE } from './agents-and-models.ts'
import type { Dashboard } from './dashboard.ts'
import { lines, stat, table } from './panel.ts'
import { CHOSEN, counted } from './queries.ts'
import { AGENT, MODEL, PROVIDER } from './variables.ts'

const COST = `holdfast_cost_micro_usd_total{${CHOSEN.agent}, ${CHOSEN.model}}`
const SAVED = `holdfast_cache_saved_micro_usd_total{${CHOSEN.agent}}`
const A_RUN = `agent:holdfast_cost_per_run_micro_usd:ratio_increase1h{${CHOSEN.agent}}`

/** For whoever pays: what it costs, who spends it, and what it saves. Amounts are those of the price book, at the time of the call. */
export const MONEY: Dashboard = {
  uid: 'holdfast-money',
  title: 'Holdfast: money',
  description:
    'What models cost, by agent and model, and what is saved. Close to the books and no substitute for them: `holdfast report` has the amounts to the cent.',
  from: 'now-7d',
  variables: [AGENT, PROVIDER, MODEL],
  rows: {
    'The chosen time': [
      stat('Spent', `sum(increase(${COST}[$__range])) / 1e6`, {
        description: 'What all calls of the chosen time have cost.',
        unit: 'currencyUSD',
        runbooks: ['cost-high', 'cost-unusual'],
      }),
      stat('A month, at this week’s pace', `sum(rate(${COST}[7d])) * 30 * 86400 / 1e6`, {
        description: 'The mean of the last 7 days, for 30.',
        unit: 'currencyUSD',
      }),
      stat('A run', `avg(${A_RUN}) / 1e6`, {
        description: 'What a run that ended in the last hour has cost in the mean.',
        unit: 'currencyUSD',
        runbooks: ['cost-per-run-unusual'],
      }),
      stat('Saved by the answer cache', `sum(increase(${SAVED}[$__range])) / 1e6`, {
        description: 'What the answers that were given again in the chosen time would have cost.',
        unit: 'currencyUSD',
        runbooks: ['cache-misses-unusual'],
      }),
      stat(
        'Calls without a price',
        `sum(${counted(`holdfast_unpriced_calls_total{${CHOSEN.model}}`, '$__range')})`,
        {
          description: 'Calls of the chosen time whose cost nobody knows. Each makes the sums here too low.',
          unit: 'short',
          red: { above: 1 },
          without: '0',
          runbooks: ['unpriced-calls'],
        },
      ),
      stat(
        'Refused by budgets',
        `sum(${counted(`holdfast_budget_refusals_total{${CHOSEN.agent}}`, '$__range')})`,
        {
          description: 'Times that a budget did not cover what a run wanted to do.',
          unit: 'short',
          without: '0',
          runbooks: ['budget-refuses'],
        },
      ),
    ],

    'Who spends it': [
      lines(
        'An hour, by agent',
        { '{{agent}}': `agent:holdfast_cost_micro_usd:increase1h{${CHOSEN.agent}} / 1e6` },
        {
          description: 'What the last hour has cost, at each time.',
          unit: 'currencyUSD',
          width: 12,
          runbooks: ['cost-high', 'cost-unusual'],
        },
      ),
      lines(
        'Burn',
        { '{{agent}}': `agent:holdfast_cost_burn:ratio_increase1h_7d{${CHOSEN.agent}}` },
        {
          description:
            'How many times faster than in the mean hour of 7 days money is spent. At 4 a month’s budget lasts a week.',
          unit: 'none',
          width: 12,
          runbooks: ['cost-unusual', 'budget-refuses'],
        },
      ),
      table('By agent', `sum by (agent) (increase(${COST}[$__range])) / 1e6`, {
        description: 'Cost of the chosen time. By principal: GET /v1/usage, or the daily report.',
        unit: 'currencyUSD',
      }),
      table('By model', `sum by (provider, model) (increase(${COST}[$__range])) / 1e6`, {
        description: 'Cost of the chosen time by provider and model.',
        unit: 'currencyUSD',
      }),
    ],

    'What a unit costs': [
      lines(
        'A run',
        { '{{agent}}': `${A_RUN} / 1e6` },
        {
          description: 'Mean cost of a run that ended in the last hour.',
          unit: 'currencyUSD',
          runbooks: ['cost-per-run-unusual'],
        },
      ),
      lines(
        'A call',
        {
          '{{provider}} {{model}}': `provider_model:holdfast_cost_per_call_micro_usd:ratio_increase1h{${CHOSEN.model}} / 1e6`,
        },
        { description: 'Mean cost of an answered call of the last hour.', unit: 'currencyUSD' },
      ),
      lines(
        'Tokens',
        {
          '{{type}}': `sum by (type) (rate(holdfast_tokens_total{${CHOSEN.agent}, ${CHOSEN.model}}[$__rate_interval]))`,
        },
        {
          description: 'Tokens a second by type. Cached input costs a fraction of other input.',
          unit: 'short',
        },
      ),
    ],

    'What keeps it low': [
      ANSWER_CACHE,
      lines(
        'Saved an hour',
        { '{{agent}}': `sum by (agent) (increase(${SAVED}[1h])) / 1e6` },
        { description: 'By answers that were given again.', unit: 'currencyUSD' },
      ),
      lines(
        'Refused by budgets',
        {
          '{{scope}} {{limit}}': `sum by (scope, limit) (agent_scope_limit:holdfast_budget_refusals:increase15m{${CHOSEN.agent}})`,
        },
        {
          description: 'Refusals in 15 minutes by scope and limit.',
          unit: 'none',
          without: 'none',
          runbooks: ['budget-refuses'],
        },
      ),
    ],
  },
}
