import { BUCKETS_OF } from '../../policies/operations/telemetry.ts'
import type { MetricRow } from './metric-row.ts'

interface HistogramRow extends MetricRow {
  /** Upper bounds, in the metric's unit; one without a bound is added. */
  readonly buckets: readonly number[]
}

/** OpenTelemetry's GenAI semantic conventions, spelled as Prometheus wants them. */
const GEN_AI = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
  'gen_ai_agent_name',
  'error_type',
] as const

/** What is measured of the facts, by the name that is scraped. */
export const HISTOGRAMS = {
  holdfast_run_duration_seconds: {
    help: 'From the acceptance of a run to its end, with the time that it waited for people.',
    labels: ['agent', 'status'],
    buckets: BUCKETS_OF.runSeconds,
  },
  gen_ai_client_operation_duration_seconds: {
    help: 'Attempts of model calls, from the request to the end of the answer. error_type is empty where it was answered.',
    labels: GEN_AI,
    buckets: BUCKETS_OF.modelSeconds,
  },
  gen_ai_client_operation_time_to_first_chunk_seconds: {
    help: 'Attempts of model calls, from the request to the first piece of the answer.',
    labels: GEN_AI,
    buckets: BUCKETS_OF.firstChunkSeconds,
  },
  gen_ai_client_token_usage: {
    help: 'Tokens of an attempt of a model call. Input has the cached tokens in it, output those of reasoning.',
    labels: [...GEN_AI, 'gen_ai_token_type'],
    buckets: BUCKETS_OF.tokens,
  },
  holdfast_tool_duration_seconds: {
    help: 'Attempts of tool calls.',
    labels: ['tool', 'outcome'],
    buckets: BUCKETS_OF.toolSeconds,
  },
  holdfast_approval_wait_seconds: {
    help: 'From the request of an approval to its end.',
    labels: ['agent'],
    buckets: BUCKETS_OF.approvalSeconds,
  },
  holdfast_webhook_duration_seconds: {
    help: 'Attempts to deliver webhooks.',
    labels: ['outcome'],
    buckets: BUCKETS_OF.webhookSeconds,
  },
  holdfast_http_request_duration_seconds: {
    help: 'Requests to the API, from their headers to the end of the answer; event streams as long as they were read.',
    labels: ['method', 'route'],
    buckets: BUCKETS_OF.requestSeconds,
  },
} as const satisfies Record<string, HistogramRow>

export type HistogramName = keyof typeof HISTOGRAMS
