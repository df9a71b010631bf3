import type { AlertCase } from '../alert-case.ts'
import { counter, gauge, still } from '../series.ts'

const AGENT = { agent: 'clerk' }
const attempts = (outcome: string, code: string, perMinute: number) =>
  counter('holdfast_tool_attempts_total', { ...AGENT, tool: 'find_order', outcome, code }, perMinute)
const oldest = (seconds: number) => [gauge('holdfast_approvals_oldest_age_seconds', AGENT, seconds)]
const FORGERY = { guard: 'forgery' }
const refused = (limit: string, perMinute: number) =>
  counter('holdfast_budget_refusals_total', { ...AGENT, scope: 'principal', limit }, perMinute)
const costs = (perMinute: number) => [
  counter('holdfast_cost_micro_usd_total', { ...AGENT, provider: 'openai', model: 'a' }, perMinute / 2),
  counter('holdfast_cost_micro_usd_total', { ...AGENT, provider: 'openai', model: 'b' }, perMinute / 2),
]

export const TOOL_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastToolFailing',
    afterMinutes: 5,
    fires: [
      attempts('ok', '', 89),
      attempts('retried', 'tool_timed_out', 10),
      attempts('failed', 'tool_failed', 1),
    ],
    says: {
      labels: { tool: 'find_order' },
      summary: 'The tool find_order fails',
      description: '11% of the attempts of find_order failed in the last 15 minutes; above 10 % this fires.',
    },
    quiet: {
      'at 10 %': [attempts('ok', '', 90), attempts('retried', 'tool_failed', 10)],
      'with 15 attempts': [attempts('failed', 'tool_failed', 1)],
      'where it refuses what it is asked': [attempts('failed', 'tool_refused', 50), attempts('ok', '', 50)],
    },
  },
]

export const PEOPLE_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastApprovalWaitsAnHour',
    fires: oldest(3_660),
    says: {
      labels: AGENT,
      summary: 'An approval for clerk waits for more than an hour',
      description: 'The oldest approval that clerk asks for has waited 1h 1m 0s.',
    },
    quiet: {
      'at an hour': oldest(3_600),
      'with none': oldest(0),
      'after a day, which has its own': oldest(90_000),
    },
  },
  {
    alert: 'HoldfastApprovalWaitsADay',
    fires: oldest(90_000),
    says: {
      labels: AGENT,
      summary: 'An approval for clerk waits for more than a day',
      description: 'The oldest approval that clerk asks for has waited 1d 1h 0m 0s.',
    },
    quiet: { 'at a day': oldest(86_400) },
  },
  {
    alert: 'HoldfastGuardTripped',
    fires: [{ ...still('holdfast_guard_trips_total', FORGERY, 1), bornAfter: 30 }],
    says: {
      labels: FORGERY,
      summary: 'The guard forgery has tripped',
      description: 'The guard forgery has tripped 1 times in the last 15 minutes.',
    },
    quiet: {
      'long after the last forgery': [still('holdfast_guard_trips_total', FORGERY, 9)],
    },
  },
]

export const MONEY_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastBudgetRefuses',
    fires: [refused('cost', 0.4)],
    says: {
      labels: { ...AGENT, scope: 'principal', limit: 'cost' },
      summary: 'Budgets stop runs of clerk',
      description: 'The limit cost (principal) has refused clerk 6 times in the last 15 minutes.',
    },
    quiet: {
      'with 4 in 15 minutes': [refused('cost', 0.3)],
      'by a kill switch': [refused('kill_switch', 10)],
    },
  },
  {
    alert: 'HoldfastCostHigh',
    afterMinutes: 5,
    fires: costs(340_000),
    minutes: 90,
    says: {
      labels: {},
      summary: 'Models cost more than 20 USD an hour',
      description: 'The last hour has cost 20.40 USD.',
    },
    quiet: { 'below 20 USD': costs(330_000), 'after 40 minutes without any': costs(0) },
  },
]
