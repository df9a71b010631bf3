import type { MetricRow } from './metric-row.ts'

const RUN = ['agent', 'tenant'] as const
const MODEL = ['provider', 'model'] as const

/** What is counted of the facts, by the name that is scraped. A counter begins at 0 with its process. */
export const COUNTERS = {
  holdfast_runs_accepted_total: { help: 'Runs that the API has accepted.', labels: RUN },
  holdfast_runs_ended_total: {
    help: 'Runs that have ended. The label reason is empty where the status says all.',
    labels: [...RUN, 'agent_version', 'status', 'reason'],
  },
  holdfast_model_attempts_total: {
    help: 'Attempts of model calls that have reached their provider. The label code is empty where it answered.',
    labels: ['agent', ...MODEL, 'outcome', 'code'],
  },
  holdfast_model_calls_total: {
    help: 'Answers of models to runs; fallback says whether of another model than the first of the chain.',
    labels: ['agent', ...MODEL, 'fallback'],
  },
  holdfast_model_held_back_total: {
    help: 'Model calls that a breaker, a pause or a limit has held back before their provider was asked.',
    labels: [...MODEL, 'code'],
  },
  holdfast_tokens_total: {
    help: 'Tokens of model calls. cached_input is a part of input, and reasoning a part of output.',
    labels: [...RUN, ...MODEL, 'type'],
  },
  holdfast_cost_micro_usd_total: {
    help: 'Cost of model calls in millionths of a US dollar.',
    labels: [...RUN, ...MODEL],
  },
  holdfast_unpriced_calls_total: {
    help: 'Attempts of model calls whose tokens have no known price, so that their cost counts nowhere.',
    labels: MODEL,
  },
  holdfast_tool_attempts_total: {
    help: 'Attempts of tool calls. The label code is empty where the tool succeeded.',
    labels: ['agent', 'tool', 'outcome', 'code'],
  },
  holdfast_tool_refusals_total: {
    help: 'Tool calls that a run has refused before they were made.',
    labels: ['agent', 'tool', 'code'],
  },
  holdfast_activity_retries_total: {
    help: 'Activities that have failed and are tried again.',
    labels: ['activity', 'code'],
  },
  holdfast_cache_lookups_total: {
    help: 'Look-ups of the answer cache; exact, semantic and lexical are hits.',
    labels: ['agent', 'outcome'],
  },
  holdfast_cache_saved_micro_usd_total: {
    help: 'What answers of the cache would have cost, in millionths of a US dollar.',
    labels: ['agent'],
  },
  holdfast_run_waits_total: {
    help: 'Waits of runs that are over: for decisions on approvals, for budget, or for models.',
    labels: ['agent', 'reason'],
  },
  holdfast_approvals_decided_total: {
    help: 'Approvals that are over: decided, expired or cancelled.',
    labels: ['agent', 'tool', 'outcome'],
  },
  holdfast_budget_refusals_total: {
    help: 'Times that a budget or a kill switch did not cover what a run wanted to do next.',
    labels: ['agent', 'scope', 'limit'],
  },
  holdfast_webhook_attempts_total: {
    help: 'Attempts to deliver webhooks. The label code is empty where one has arrived.',
    labels: ['type', 'outcome', 'code'],
  },
  holdfast_guard_trips_total: {
    help: 'Things that were refused or taken out to protect a run.',
    labels: ['guard'],
  },
  holdfast_outages_total: {
    help: 'Times that something which the product needs went away, as this process saw it.',
    labels: ['of'],
  },
  holdfast_requests_shed_total: {
    help: 'Requests that the API has refused since it had too much to do: the label reason says of what.',
    labels: ['kind', 'reason'],
  },
  holdfast_requests_limited_total: {
    help: 'Requests that the API has refused since their caller or tenant has used up a limit.',
    labels: ['limit', 'scope'],
  },
  holdfast_http_requests_total: {
    help: 'Requests that the API has answered. The label route is as it is registered.',
    labels: ['method', 'route', 'status'],
  },
} as const satisfies Record<string, MetricRow>

export type CounterName = keyof typeof COUNTERS
