import type { HedgedWith } from '../../contracts/models/model-call.ts'
import type { Exchange, ExchangeBodies } from '../../store/dossier/list-exchanges.ts'
import type {
  BookedAttemptRow,
  CacheLookUpRow,
  StoredAnswerRow,
} from '../../store/dossier/list-model-calls.ts'
import type { SkippedHop } from './skipped-hops.ts'
import type { AttemptResource, ExchangeResource, ModelCallResource } from './trace.schema.ts'

/** What the store has of the model calls of one step. */
export interface StepsModelCalls {
  readonly attempts: readonly BookedAttemptRow[]
  readonly answers: readonly StoredAnswerRow[]
  readonly lookUps: readonly CacheLookUpRow[]
  readonly skipped: readonly SkippedHop[]
  readonly exchanges: readonly Exchange[]
  readonly texts: ExchangeTexts
  /** By the hop that has answered: the other model that was asked for the answer. */
  readonly hedges: ReadonlyMap<number, HedgedWith>
  /** The provider that the plan has at a hop. */
  readonly providerAt: (hop: number) => string
  /** Whether requests of the run are kept, so that one that is missing was lost. */
  readonly isKept: boolean
}

/** What is shown of exchanges' bodies, by the exchange's id. */
export interface ExchangeTexts {
  readonly bodies: ReadonlyMap<string, ExchangeBodies>
  /** What providers have said in place of answers, the beginning. */
  readonly excerpts: ReadonlyMap<string, string>
}

/** The hops of a step, in the order in which they were first asked, or skipped. */
export function toModelCalls(of: StepsModelCalls): ModelCallResource[] {
  const hops = [
    ...of.lookUps.map(({ hop, beganAt }) => ({ hop, at: beganAt })),
    ...of.attempts.map(({ hop, beganAt }) => ({ hop, at: beganAt })),
    ...of.answers.map(({ hop, at }) => ({ hop, at })),
    ...of.skipped.map(({ hop, at }) => ({ hop, at })),
  ].toSorted((one, other) => one.at.localeCompare(other.at) || one.hop - other.hop)
  return [...new Set(hops.map(({ hop }) => hop))].flatMap((hop) => toModelCall(hop, of) ?? [])
}

/** null for a hop that was looked up in the cache and never came further. */
function toModelCall(hop: number, of: StepsModelCalls): ModelCallResource | null {
  const attempts = of.attempts.filter((attempt) => attempt.hop === hop)
  const answer = of.answers.find((answer) => answer.hop === hop)
  const lookUp = of.lookUps.find((lookUp) => lookUp.hop === hop)
  const skipped = of.skipped.filter((skipped) => skipped.hop === hop)
  const exchanges = of.exchanges.filter((exchange) => exchange.hop === hop)
  // An embedding is booked as an attempt of the hop whose question it is of.
  const purpose = exchanges.find(({ purpose }) => purpose !== 'embedding')?.purpose ?? exchanges[0]?.purpose
  const [skip] = skipped
  const passed = skip && { provider: of.providerAt(hop), model: skip.model }
  const asked = answer ?? passed ?? attempts.at(-1)
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
    ...(skipped.length > 0 && { skipped: skipped.map(({ code, at }) => ({ code, at })) }),
    attempts: attempts.map((attempt) =>
      toAttempt(
        attempt,
        exchanges.filter((exchange) => exchange.attempt === attempt.attempt),
        of,
      ),
    ),
    ...(answer && { answer: toAnswer(answer, of.hedges.get(hop)) }),
  }
}

function toAnswer(
  { decision, messageSeq, latencyMs, at }: StoredAnswerRow,
  hedge: HedgedWith | undefined,
): NonNullable<ModelCallResource['answer']> {
  return {
    stop: decision.stop,
    served_by: decision.servedBy,
    preview: decision.preview,
    message_seq: messageSeq,
    latency_ms: latencyMs,
    cost_micro_usd: decision.costMicroUsd,
    ...(decision.fault && { problem: decision.fault.problem }),
    ...(decision.cached && { cached: decision.cached.hit }),
    ...(hedge && { hedge }),
    at,
  }
}

function toAttempt(
  attempt: BookedAttemptRow,
  exchanges: readonly Exchange[],
  { texts, isKept }: Pick<StepsModelCalls, 'texts' | 'isKept'>,
): AttemptResource {
  const [first] = exchanges
  return {
    attempt: attempt.attempt,
    ...(first && { purpose: first.purpose }),
    provider: attempt.provider,
    model: attempt.model,
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
    ...(hasLost(attempt, exchanges, isKept) && { lost: true as const }),
    ...(attempt.reattached > 0 && { taken_up: attempt.reattached }),
    exchanges: exchanges.map((exchange) => toExchange(exchange, attempt, texts)),
  }
}

/** Whether a worker that is gone has taken the attempt's exchanges with it, or the end of one. */
function hasLost(attempt: BookedAttemptRow, exchanges: readonly Exchange[], isKept: boolean): boolean {
  return exchanges.length > 0
    ? exchanges.some((exchange) => isLost(exchange, attempt))
    : isKept && isAbandoned(attempt)
}

function isLost({ tookMs, isWorkerGone }: Exchange, attempt: BookedAttemptRow): boolean {
  return tookMs === null && (isWorkerGone || isAbandoned(attempt))
}

/** Its worker has left it open, and the run has gone on without it. */
function isAbandoned({ status, code }: BookedAttemptRow): boolean {
  return status === 'unknown' && code === null
}

function toExchange(
  exchange: Exchange,
  attempt: BookedAttemptRow,
  { bodies, excerpts }: ExchangeTexts,
): ExchangeResource {
  const { request = null, answer = null } = bodies.get(exchange.id) ?? {}
  const excerpt = excerpts.get(exchange.id)
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
    ...(exchange.worker !== null && { worker: exchange.worker }),
    ...(isLost(exchange, attempt) && { lost: true as const }),
    request_headers: { ...exchange.requestHeaders },
    answer_headers: { ...exchange.answerHeaders },
    request: { bytes: exchange.requestBytes, ...(request !== null && { text: request }) },
    answer: {
      bytes: exchange.answerBytes,
      kept_bytes: exchange.answerKeptBytes,
      ...(answer !== null && asText(answer)),
      ...(excerpt !== undefined && { excerpt }),
    },
  }
}

function asText(bytes: Buffer): { text: string } | { base64: string } {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') }
}
