import type { Exchange, ExchangeBodies } from '../../store/dossier/list-exchanges.ts'
import type {
  BookedAttemptRow,
  CacheLookUpRow,
  StoredAnswerRow,
} from '../../store/dossier/list-model-calls.ts'
import type { AttemptResource, ExchangeResource, ModelCallResource } from './trace.schema.ts'

/** What the store has of the model calls of one step. */
export interface StepsModelCalls {
  readonly attempts: readonly BookedAttemptRow[]
  readonly answers: readonly StoredAnswerRow[]
  readonly lookUps: readonly CacheLookUpRow[]
  readonly exchanges: readonly Exchange[]
  /** By the exchange's id; those that are to be shown. */
  readonly bodies: ReadonlyMap<number, ExchangeBodies>
}

/** The hops of a step, in the order in which they were first asked. */
export function toModelCalls(of: StepsModelCalls): ModelCallResource[] {
  const hops = [
    ...of.lookUps.map(({ hop, beganAt }) => ({ hop, at: beganAt })),
    ...of.attempts.map(({ hop, beganAt }) => ({ hop, at: beganAt })),
    ...of.answers.map(({ hop, at }) => ({ hop, at })),
  ].toSorted((one, other) => one.at.localeCompare(other.at) || one.hop - other.hop)
  return [...new Set(hops.map(({ hop }) => hop))].flatMap((hop) => toModelCall(hop, of) ?? [])
}

/** null for a hop that was looked up in the cache and never came further. */
function toModelCall(hop: number, of: StepsModelCalls): ModelCallResource | null {
  const attempts = of.attempts.filter((attempt) => attempt.hop === hop)
  const answer = of.answers.find((answer) => answer.hop === hop)
  const lookUp = of.lookUps.find((lookUp) => lookUp.hop === hop)
  const exchanges = of.exchanges.filter((exchange) => exchange.hop === hop)
  // An embedding is booked as an attempt of the hop whose question it is of.
  const purpose = exchanges.find(({ purpose }) => purpose !== 'embedding')?.purpose ?? exchanges[0]?.purpose
  const asked = answer ?? attempts.at(-1)
  if (asked === undefined) return null
  return {
    hop,
    ...(purpose && { purpose }),
    provider: asked.provider,
    model: asked.model,
    ...(lookUp && {
      cache: {
        outcome: lookUp.outcome,
        saved_micro_usd: lookUp.savedMicroUsd,
        began_at: lookUp.beganAt,
      },
    }),
    attempts: attempts.map((attempt) =>
      toAttempt(
        attempt,
        exchanges.filter((exchange) => exchange.attempt === attempt.attempt),
        of.bodies,
      ),
    ),
    ...(answer && { answer: toAnswer(answer) }),
  }
}

function toAnswer({
  decision,
  messageSeq,
  latencyMs,
  at,
}: StoredAnswerRow): NonNullable<ModelCallResource['answer']> {
  return {
    stop: decision.stop,
    served_by: decision.servedBy,
    preview: decision.preview,
    message_seq: messageSeq,
    latency_ms: latencyMs,
    cost_micro_usd: decision.costMicroUsd,
    ...(decision.fault && { problem: decision.fault.problem }),
    ...(decision.cached && { cached: decision.cached.hit }),
    at,
  }
}

function toAttempt(
  attempt: BookedAttemptRow,
  exchanges: readonly Exchange[],
  bodies: StepsModelCalls['bodies'],
): AttemptResource {
  return {
    attempt: attempt.attempt,
    status: attempt.status,
    ...(attempt.code !== null && { code: attempt.code }),
    ...(attempt.servedBy !== null && { served_by: attempt.servedBy }),
    ...(attempt.requestId !== null && { request_id: attempt.requestId }),
    began_at: attempt.beganAt,
    ...(attempt.endedAt !== null && { ended_at: attempt.endedAt }),
    max_output_tokens: attempt.maxOutputTokens,
    worst_micro_usd: attempt.worstMicroUsd,
    cost_micro_usd: attempt.costMicroUsd,
    unknown_micro_usd: attempt.unknownMicroUsd,
    usage: {
      input_tokens: attempt.inputTokens,
      cached_input_tokens: attempt.cachedInputTokens,
      cache_write_tokens: attempt.cacheWriteTokens,
      output_tokens: attempt.outputTokens,
      reasoning_tokens: attempt.reasoningTokens,
      ...(attempt.usageEstimated && { estimated: true as const }),
    },
    ...(attempt.reattached > 0 && { taken_up: attempt.reattached }),
    exchanges: exchanges.map((exchange) => toExchange(exchange, bodies.get(exchange.id))),
  }
}

function toExchange(exchange: Exchange, bodies: ExchangeBodies | undefined): ExchangeResource {
  const { request = null, answer = null } = bodies ?? {}
  return {
    purpose: exchange.purpose,
    method: exchange.method,
    url: exchange.url,
    status: exchange.status,
    began_at: exchange.beganAt,
    head_ms: exchange.headMs,
    first_byte_ms: exchange.firstByteMs,
    took_ms: exchange.tookMs,
    complete: exchange.isWhole,
    request_headers: { ...exchange.requestHeaders },
    answer_headers: { ...exchange.answerHeaders },
    request: { bytes: exchange.requestBytes, ...(request !== null && { text: request }) },
    answer: {
      bytes: exchange.answerBytes,
      kept_bytes: exchange.answerKeptBytes,
      ...(answer !== null && asText(answer)),
    },
  }
}

function asText(bytes: Buffer): { text: string } | { base64: string } {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') }
}
