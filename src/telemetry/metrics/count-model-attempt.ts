import type { FactOf } from '../facts.ts'
import type { Meter } from './create-metrics.ts'

type ModelAttempt = FactOf<'model.attempted'>

/** What a side call is in the GenAI semantic conventions, and what every other call is. */
const OPERATION = { answer: 'chat', classifier: 'chat', summary: 'chat', embedding: 'embeddings' } as const

/** An attempt stands in the product's own counters, and in the histograms that the GenAI semantic conventions name. */
export function countModelAttempt(fact: ModelAttempt, meter: Meter): void {
  const { agent, provider, model, purpose, outcome, code = '' } = fact
  meter.add('holdfast_model_attempts_total', { agent, provider, model, outcome, code })
  // Side calls have hops of their own, which say nothing of a chain.
  if (outcome === 'answered' && purpose === 'answer') {
    const fallback = String(fact.hop > 0)
    meter.add('holdfast_model_calls_total', { agent, provider, model, fallback })
  }
  countCost(fact, meter)
  measureOperation(fact, meter)
}

function countCost({ agent, provider, model, usage, costMicroUsd, run }: ModelAttempt, meter: Meter): void {
  const series = { agent, provider, model, tenant: run.tenant }
  if (costMicroUsd === null) meter.add('holdfast_unpriced_calls_total', { provider, model })
  else if (costMicroUsd !== undefined) meter.add('holdfast_cost_micro_usd_total', series, costMicroUsd)
  if (usage === undefined) return
  meter.add('holdfast_tokens_total', { ...series, type: 'input' }, usage.inputTokens)
  meter.add('holdfast_tokens_total', { ...series, type: 'cached_input' }, usage.cachedInputTokens)
  meter.add('holdfast_tokens_total', { ...series, type: 'output' }, usage.outputTokens)
  meter.add('holdfast_tokens_total', { ...series, type: 'reasoning' }, usage.reasoningTokens)
}

function measureOperation(fact: ModelAttempt, meter: Meter): void {
  const { agent, provider, model, purpose, code = '', durationMs, firstByteMs, usage } = fact
  const operation = {
    gen_ai_operation_name: OPERATION[purpose],
    gen_ai_provider_name: provider,
    gen_ai_request_model: model,
    gen_ai_agent_name: agent,
    error_type: code,
  }
  meter.measure('gen_ai_client_operation_duration_seconds', operation, durationMs / 1_000)
  if (firstByteMs !== undefined)
    meter.measure('gen_ai_client_operation_time_to_first_chunk_seconds', operation, firstByteMs / 1_000)
  if (usage === undefined) return
  const { inputTokens, outputTokens } = usage
  meter.measure('gen_ai_client_token_usage', { ...operation, gen_ai_token_type: 'input' }, inputTokens)
  meter.measure('gen_ai_client_token_usage', { ...operation, gen_ai_token_type: 'output' }, outputTokens)
}
