import type { FactOf, FactRun } from '../facts.ts'
import type { FinishedSpan } from './finished-span.ts'
import { HOLDFAST, SPAN } from './names.ts'
import { runSpanId, webhookSpanId } from './span-ids.ts'

/** The span of an attempt to deliver a webhook, in the trace of the run that it tells of; mostly it begins after that run has ended. */
export function webhookSpan(fact: FactOf<'webhook.attempted'>, run: FactRun): FinishedSpan {
  const { startedAtMs, durationMs, outcome, code, httpStatus } = fact
  return {
    name: SPAN.webhook(fact.event),
    kind: 'client',
    traceId: run.trace.traceId,
    spanId: webhookSpanId(run, fact),
    parentSpanId: runSpanId(run),
    startMs: startedAtMs,
    endMs: startedAtMs + durationMs,
    ...(outcome !== 'delivered' && { error: code ?? 'internal' }),
    attributes: {
      [HOLDFAST.run]: run.runId,
      [HOLDFAST.tenant]: fact.tenant,
      [HOLDFAST.webhook]: fact.webhookId,
      [HOLDFAST.delivery]: fact.deliveryId,
      [HOLDFAST.attempt]: fact.attempt,
      [HOLDFAST.outcome]: outcome,
      ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
    },
  }
}
