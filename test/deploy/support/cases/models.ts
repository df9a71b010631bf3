import type { AlertCase } from '../alert-case.ts'
import { counter, gauge, histogram, still } from '../series.ts'

const AGENT = { agent: 'clerk' }
const MODEL = { provider: 'openai', model: 'gpt-5.5' }
const attempts = (outcome: string, code: string, perMinute: number) =>
  counter('holdfast_model_attempts_total', { ...AGENT, ...MODEL, outcome, code }, perMinute)
const answers = (fallback: string, perMinute: number) =>
  counter('holdfast_model_calls_total', { ...AGENT, ...MODEL, fallback }, perMinute)
const asked = (value: number, perMinute: number) =>
  histogram(
    'gen_ai_client_operation_duration_seconds',
    { gen_ai_provider_name: 'openai', gen_ai_request_model: 'gpt-5.5', gen_ai_agent_name: 'clerk' },
    { perMinute, value },
  )

export const MODEL_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastProviderFailing',
    afterMinutes: 5,
    fires: [
      attempts('answered', '', 74),
      attempts('failed', 'model_overloaded', 20),
      attempts('failed', 'model_timed_out', 6),
    ],
    says: {
      labels: MODEL,
      summary: 'openai fails calls of gpt-5.5',
      description: 'openai failed 26% of the calls of gpt-5.5 in the last 5 minutes; above 25 % this fires.',
    },
    quiet: {
      'at 25 %': [attempts('answered', '', 75), attempts('failed', 'model_overloaded', 25)],
      'with 15 calls': [attempts('failed', 'model_overloaded', 3)],
      'where requests are at fault': [
        attempts('answered', '', 50),
        attempts('failed', 'model_context_too_long', 50),
      ],
      'where calls wait for a limit': [
        attempts('answered', '', 50),
        attempts('failed', 'model_rate_limited', 50),
      ],
    },
  },
  {
    alert: 'HoldfastBreakerOpen',
    afterMinutes: 5,
    minutes: 120,
    // Two processes of the API, of which one has not read the change yet.
    fires: [
      gauge('holdfast_breaker_state', { ...MODEL, instance: 'a' }, 2),
      gauge('holdfast_breaker_state', { ...MODEL, instance: 'b' }, 0),
      counter('holdfast_model_held_back_total', { ...MODEL, code: 'model_circuit_open' }, 1),
    ],
    says: {
      labels: MODEL,
      summary: 'gpt-5.5 at openai is not asked',
      description:
        'The circuit of gpt-5.5 at openai has not been closed for 5 minutes (state 2: 1 half-open, 2 open).',
    },
    firesToo: {
      'where the only attempt has opened it': [
        gauge('holdfast_breaker_state', MODEL, 2),
        { ...attempts('failed', 'model_unauthorized', 0), from: 1, bornAfter: 100 },
      ],
      'where the only call was held back': [
        gauge('holdfast_breaker_state', MODEL, 2),
        {
          ...still('holdfast_model_held_back_total', { ...MODEL, code: 'model_circuit_open' }, 1),
          bornAfter: 100,
        },
      ],
    },
    quiet: {
      'when closed': [gauge('holdfast_breaker_state', MODEL, 0), attempts('answered', '', 10)],
      'while nobody asks, which leaves it half-open': [
        gauge('holdfast_breaker_state', MODEL, 1),
        attempts('failed', 'model_unauthorized', 0),
      ],
      'an hour after the only attempt': [
        gauge('holdfast_breaker_state', MODEL, 1),
        { ...attempts('failed', 'model_unauthorized', 0), from: 1, bornAfter: 50 },
      ],
    },
  },
  {
    alert: 'HoldfastFallbackHigh',
    afterMinutes: 5,
    fires: [answers('false', 7.9), answers('true', 2.1)],
    says: {
      labels: AGENT,
      summary: 'clerk is answered by fallback models',
      description:
        '21% of the answers for clerk came from a fallback in the last 15 minutes; above 20 % this fires.',
    },
    quiet: {
      'at 20 %': [answers('false', 8), answers('true', 2)],
      'with 15 answers': [answers('true', 1)],
    },
  },
  {
    alert: 'HoldfastModelSlow',
    afterMinutes: 10,
    fires: asked(100, 10),
    says: {
      labels: { gen_ai_provider_name: 'openai', gen_ai_request_model: 'gpt-5.5' },
      summary: 'gpt-5.5 at openai is slow',
      description: 'One in 100 calls of gpt-5.5 takes longer than 2m 43s; above 82 seconds this fires.',
    },
    quiet: {
      'at 80 seconds': asked(80, 10),
      'with 75 calls': asked(100, 5),
    },
  },
  {
    alert: 'HoldfastUnpricedCalls',
    // Born at 1 within the window, as a counter is that counts for the first time.
    fires: [{ ...still('holdfast_unpriced_calls_total', MODEL, 1), bornAfter: 30 }],
    says: {
      labels: MODEL,
      summary: 'gpt-5.5 at openai has no price',
      description:
        '1 calls of gpt-5.5 were made without a known price in the last 15 minutes: budgets and reports miss them.',
    },
    quiet: {
      'long after the last one': [still('holdfast_unpriced_calls_total', MODEL, 7)],
    },
  },
]
