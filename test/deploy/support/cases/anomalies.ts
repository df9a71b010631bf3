import type { Labels } from '../series.ts'

/** A signal in its usual week, in which it goes back and forth between two values, and in an hour that is odd or nearly so. */
export interface AnomalyCase {
  readonly alert: string
  readonly signal: string
  readonly labels: Labels
  readonly usual: readonly [number, number]
  readonly odd: number
  /** Less than 3 deviations above the mean, the floors included. */
  readonly near: number
  readonly summary: string
  readonly description: string
}

const AGENT = { agent: 'clerk' }

export const ANOMALY_CASES: readonly AnomalyCase[] = [
  {
    alert: 'HoldfastRunFailuresUnusual',
    signal: 'run_failure',
    labels: AGENT,
    usual: [0.01, 0.03],
    odd: 0.1,
    near: 0.08,
    summary: 'More runs of clerk fail than usual',
    description:
      "10% of the runs of clerk failed in 5 minutes; the week's mean is 2%. That is 3.6 deviations above it.",
  },
  {
    alert: 'HoldfastRunDurationUnusual',
    signal: 'run_duration',
    labels: AGENT,
    usual: [16, 24],
    odd: 60,
    near: 39,
    summary: 'Runs of clerk take longer than usual',
    description:
      "1m 0s is the p95 of runs of clerk over 5 minutes; the week's mean is 20s. That is 6.0 deviations above it.",
  },
  {
    alert: 'HoldfastModelDurationUnusual',
    signal: 'model_duration',
    labels: { gen_ai_provider_name: 'openai', gen_ai_request_model: 'gpt-5.5' },
    usual: [3, 5],
    odd: 13,
    near: 8,
    summary: 'gpt-5.5 at openai takes longer than usual',
    description:
      "13s is the p95 of calls of gpt-5.5 over 5 minutes; the week's mean is 4s. That is 6.1 deviations above it.",
  },
  {
    alert: 'HoldfastModelFailuresUnusual',
    signal: 'model_failure',
    labels: { provider: 'openai', model: 'gpt-5.5' },
    usual: [0, 0.02],
    odd: 0.1,
    near: 0.07,
    summary: 'More calls of gpt-5.5 at openai fail than usual',
    description:
      "10% of the calls of gpt-5.5 failed in 5 minutes; the week's mean is 1%. That is 4.0 deviations above it.",
  },
  {
    alert: 'HoldfastFallbackUnusual',
    signal: 'fallback',
    labels: AGENT,
    usual: [0, 0.02],
    odd: 0.15,
    near: 0.07,
    summary: 'More answers for clerk come from fallbacks than usual',
    description:
      "15% of the answers for clerk came from a fallback in 5 minutes; the week's mean is 1%. That is 6.3 deviations above it.",
  },
  {
    alert: 'HoldfastToolFailuresUnusual',
    signal: 'tool_failure',
    labels: { tool: 'find_order' },
    usual: [0, 0.02],
    odd: 0.09,
    near: 0.07,
    summary: 'The tool find_order fails more than usual',
    description:
      "9% of the attempts of find_order failed in 5 minutes; the week's mean is 1%. That is 3.6 deviations above it.",
  },
  {
    alert: 'HoldfastRetriesUnusual',
    signal: 'retries',
    labels: {},
    usual: [0, 0.02],
    odd: 0.12,
    near: 0.07,
    summary: 'More activities are retried than usual',
    description:
      "12% is the share of retries to attempts of models and tools in 5 minutes; the week's mean is 1%. That is 4.9 deviations above it.",
  },
  {
    alert: 'HoldfastCostUnusual',
    signal: 'cost',
    labels: AGENT,
    usual: [1e6, 3e6],
    odd: 8e6,
    near: 6e6,
    summary: 'clerk costs more than usual',
    description:
      "8.00 USD an hour is what clerk costs over 5 minutes; the week's mean is 2.00 USD. That is 4.2 deviations above it.",
  },
  {
    alert: 'HoldfastCostPerRunUnusual',
    signal: 'cost_per_run',
    labels: AGENT,
    usual: [8_000, 12_000],
    odd: 30_000,
    near: 18_000,
    summary: 'Runs of clerk cost more than usual',
    description:
      "0.030 USD is what a run of clerk costs over 5 minutes; the week's mean is 0.010 USD. That is 6.7 deviations above it.",
  },
  {
    alert: 'HoldfastTokensPerCallUnusual',
    signal: 'tokens_per_call',
    labels: AGENT,
    usual: [800, 1_200],
    odd: 2_500,
    near: 1_850,
    summary: 'Calls of clerk are larger than usual',
    description:
      "2.5k tokens is the mean call of clerk over 5 minutes; the week's mean is 1k. That is 5.0 deviations above it.",
  },
  {
    alert: 'HoldfastCacheMissesUnusual',
    signal: 'cache_miss',
    labels: AGENT,
    usual: [0.4, 0.5],
    odd: 0.9,
    near: 0.65,
    summary: 'The answer cache of clerk misses more than usual',
    description:
      "90% of the lookups of clerk missed in 5 minutes; the week's mean is 45%. That is 6.1 deviations above it.",
  },
  {
    alert: 'HoldfastQueueWaitUnusual',
    signal: 'queue_wait',
    labels: { task_queue: 'holdfast' },
    usual: [0.05, 0.15],
    odd: 3,
    near: 1.5,
    summary: 'Activities of holdfast wait longer than usual',
    description:
      "3s is the p95 wait for a worker of holdfast over 5 minutes; the week's mean is 100ms. That is 5.8 deviations above it.",
  },
]
