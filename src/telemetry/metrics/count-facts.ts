import type { FactOf, FactType } from '../facts.ts'
import type { FactSink } from '../telemetry.ts'
import { countModelAttempt } from './count-model-attempt.ts'
import type { Meter } from './create-metrics.ts'

type Count<T extends FactType> = (fact: FactOf<T>, meter: Meter) => void

/** Facts that spans and log lines tell of, and no metric. */
const nothing = (): void => undefined

/** What is counted of each fact. */
const COUNTED: { readonly [T in FactType]: Count<T> } = {
  'run.accepted': ({ agent, run: { tenant } }, meter) =>
    meter.add('holdfast_runs_accepted_total', { agent, tenant }),
  'run.started': nothing,
  'run.waits': nothing,
  'run.goes_on': ({ agent, waitedFor }, meter) =>
    meter.add('holdfast_run_waits_total', { agent, reason: waitedFor }),
  'run.ended'({ agent, agentVersion, status, reason = '', durationMs, run: { tenant } }, meter) {
    meter.add('holdfast_runs_ended_total', { agent, agent_version: agentVersion, status, reason, tenant })
    meter.measure('holdfast_run_duration_seconds', { agent, status }, durationMs / 1_000)
  },
  'model.attempted': countModelAttempt,
  'model.held_back': ({ provider, model, code }, meter) =>
    meter.add('holdfast_model_held_back_total', { provider, model, code }),
  'cache.asked'({ agent, outcome, savedMicroUsd }, meter) {
    meter.add('holdfast_cache_lookups_total', { agent, outcome })
    meter.add('holdfast_cache_saved_micro_usd_total', { agent }, savedMicroUsd)
  },
  'tool.attempted'({ agent, tool, outcome, code = '', durationMs }, meter) {
    meter.add('holdfast_tool_attempts_total', { agent, tool, outcome, code })
    meter.measure('holdfast_tool_duration_seconds', { tool, outcome }, durationMs / 1_000)
  },
  'tool.refused': ({ agent, tool, code }, meter) =>
    meter.add('holdfast_tool_refusals_total', { agent, tool, code }),
  'approval.requested': nothing,
  'approval.decided'({ agent, tool, outcome, durationMs }, meter) {
    meter.add('holdfast_approvals_decided_total', { agent, tool, outcome })
    meter.measure('holdfast_approval_wait_seconds', { agent }, durationMs / 1_000)
  },
  'budget.reached': ({ agent, reached: { scope, limit } }, meter) =>
    meter.add('holdfast_budget_refusals_total', { agent, scope, limit }),
  'context.compacted': nothing,
  'model.routed': nothing,
  'agent.handed_off': nothing,
  'sub_agent.ended': nothing,
  'activity.retried': ({ activity, code }, meter) =>
    meter.add('holdfast_activity_retries_total', { activity, code }),
  'guard.tripped': ({ guard }, meter) => meter.add('holdfast_guard_trips_total', { guard }),
  'webhook.attempted'({ event, outcome, code = '', durationMs }, meter) {
    meter.add('holdfast_webhook_attempts_total', { type: event, outcome, code })
    meter.measure('holdfast_webhook_duration_seconds', { outcome }, durationMs / 1_000)
  },
  'statement.slow': nothing,
  'run.spans_lost': nothing,
  'request.answered'({ method, route, status, durationMs }, meter) {
    meter.add('holdfast_http_requests_total', { method, route, status: String(status) })
    meter.measure('holdfast_http_request_duration_seconds', { method, route }, durationMs / 1_000)
  },
  'request.shed': ({ order, overload }, meter) =>
    meter.add('holdfast_requests_shed_total', {
      kind: order === 'first' ? 'read' : 'write',
      reason: overload,
    }),
  'request.limited': ({ limit, scope }, meter) =>
    meter.add('holdfast_requests_limited_total', { limit, scope }),
  'outage.began': ({ of }, meter) => meter.add('holdfast_outages_total', { of }),
  'outage.ended': nothing,
}

/** Counts facts. */
export function countFacts(meter: Meter): FactSink {
  return {
    take(fact) {
      // Each row of the table takes the facts of its own type: what the compiler can't follow from a union.
      const count = COUNTED[fact.type] as (fact: unknown, meter: Meter) => void
      count(fact, meter)
    },
  }
}
