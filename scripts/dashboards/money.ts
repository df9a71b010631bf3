import type { Dashboard } from './dashboard.ts'
import { lines, stat, table } from './panel.ts'
import { AGENT, MODEL, PROVIDER } from './variables.ts'

const COST = 'holdfast_cost_micro_usd_total{agent=~"$agent", provider=~"$provider", model=~"$model"}'

/** For whoever pays: what it costs, who spends it, and what it saves. Amounts are those of the price book, at the time of the call. */
export const MONEY: Dashboard = {
  uid: 'holdfast-money',
  title: 'Holdfast: money',
  description:
    'What models cost, by agent and model, and what is saved. Close to the books and no substitute for them: `holdfast report` has the amounts to the cent.',
  from: 'now-7d',
  variables: [AGENT, PROVIDER, MODEL],
  rows: [
    {
      title: 'The chosen time',
      panels: [
        stat(
          {
            title: 'Spent',
            description: 'What all calls of the chosen time have cost.',
            unit: 'currencyUSD',
            runbooks: ['cost-high', 'cost-unusual'],
          },
          `sum(increase(${COST}[$__range])) / 1e6`,
        ),
        stat(
          {
            title: 'A month, at this week’s pace',
            description: 'The mean of the last 7 days, for 30.',
            unit: 'currencyUSD',
          },
          `sum(rate(${COST}[7d])) * 30 * 86400 / 1e6`,
        ),
        stat(
          {
            title: 'A run',
            description: 'What a run that ended in the last hour has cost in the mean.',
            unit: 'currencyUSD',
            runbooks: ['cost-per-run-unusual'],
          },
          'avg(agent:holdfast_cost_per_run_micro_usd:ratio_increase1h{agent=~"$agent"}) / 1e6',
        ),
        stat(
          {
            title: 'Saved by the answer cache',
            description: 'What the answers that were given again in the chosen time would have cost.',
            unit: 'currencyUSD',
            runbooks: ['cache-misses-unusual'],
          },
          'sum(increase(holdfast_cache_saved_micro_usd_total{agent=~"$agent"}[$__range])) / 1e6',
        ),
        stat(
          {
            title: 'Calls without a price',
            description:
              'Calls of the chosen time whose cost nobody knows. Each makes the sums here too low.',
            unit: 'short',
            red: { above: 1 },
            runbooks: ['unpriced-calls'],
          },
          'sum(increase(holdfast_unpriced_calls_total{provider=~"$provider", model=~"$model"}[$__range]))',
        ),
        stat(
          {
            title: 'Refused by budgets',
            description: 'Times that a budget did not cover what a run wanted to do.',
            unit: 'short',
            runbooks: ['budget-refuses'],
          },
          'sum(increase(holdfast_budget_refusals_total{agent=~"$agent"}[$__range]))',
        ),
      ],
    },
    {
      title: 'Who spends it',
      panels: [
        lines(
          {
            title: 'An hour, by agent',
            description: 'What the last hour has cost, at each time.',
            unit: 'currencyUSD',
            width: 12,
            runbooks: ['cost-high', 'cost-unusual'],
          },
          { expr: 'agent:holdfast_cost_micro_usd:increase1h{agent=~"$agent"} / 1e6', legend: '{{agent}}' },
        ),
        lines(
          {
            title: 'Burn',
            description:
              'How many times faster than in the mean hour of 7 days money is spent. At 4 a month’s budget lasts a week.',
            unit: 'none',
            width: 12,
            runbooks: ['cost-unusual', 'budget-refuses'],
          },
          { expr: 'agent:holdfast_cost_burn:ratio_increase1h_7d{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        table(
          {
            title: 'By agent',
            description: 'Cost of the chosen time. By principal: GET /v1/usage, or the daily report.',
            unit: 'currencyUSD',
          },
          `sort_desc(sum by (agent) (increase(${COST}[$__range])) / 1e6)`,
        ),
        table(
          {
            title: 'By model',
            description: 'Cost of the chosen time by provider and model.',
            unit: 'currencyUSD',
          },
          `sort_desc(sum by (provider, model) (increase(${COST}[$__range])) / 1e6)`,
        ),
      ],
    },
    {
      title: 'What a unit costs',
      panels: [
        lines(
          {
            title: 'A run',
            description: 'Mean cost of a run that ended in the last hour.',
            unit: 'currencyUSD',
            runbooks: ['cost-per-run-unusual'],
          },
          {
            expr: 'agent:holdfast_cost_per_run_micro_usd:ratio_increase1h{agent=~"$agent"} / 1e6',
            legend: '{{agent}}',
          },
        ),
        lines(
          {
            title: 'A call',
            description: 'Mean cost of an answered call of the last hour.',
            unit: 'currencyUSD',
          },
          {
            expr: 'provider_model:holdfast_cost_per_call_micro_usd:ratio_increase1h{provider=~"$provider", model=~"$model"} / 1e6',
            legend: '{{provider}} {{model}}',
          },
        ),
        lines(
          {
            title: 'Tokens',
            description: 'Tokens a second by type. Cached input costs a fraction of other input.',
            unit: 'short',
          },
          {
            expr: 'sum by (type) (rate(holdfast_tokens_total{agent=~"$agent", provider=~"$provider", model=~"$model"}[$__rate_interval]))',
            legend: '{{type}}',
          },
        ),
      ],
    },
    {
      title: 'What keeps it low',
      panels: [
        lines(
          {
            title: 'Answer cache',
            description: 'Share of look-ups that found an answer.',
            unit: 'percentunit',
            runbooks: ['cache-misses-unusual'],
          },
          { expr: 'agent:holdfast_cache_hits:ratio_rate15m{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        lines(
          { title: 'Saved an hour', description: 'By answers that were given again.', unit: 'currencyUSD' },
          {
            expr: 'sum by (agent) (increase(holdfast_cache_saved_micro_usd_total{agent=~"$agent"}[1h])) / 1e6',
            legend: '{{agent}}',
          },
        ),
        lines(
          {
            title: 'Refused by budgets',
            description: 'Refusals in 15 minutes by scope and limit.',
            unit: 'none',
            runbooks: ['budget-refuses'],
          },
          {
            expr: 'sum by (scope, limit) (agent_scope_limit:holdfast_budget_refusals:increase15m{agent=~"$agent"})',
            legend: '{{scope}} {{limit}}',
          },
        ),
      ],
    },
  ],
}
