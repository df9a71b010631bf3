import type { CallUsage, RunUsage } from '../../contracts/models/usage.ts'
import type { LogArea, LogLevel } from '../../contracts/processes/log-levels.ts'
import type { Fact, FactOf, FactRun, FactType } from '../facts.ts'

/** A line of the log. */
export interface Line {
  readonly area: LogArea
  readonly level: Exclude<LogLevel, 'silent' | 'fatal' | 'trace'>
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Facts whose line is written where they happen: it has an error, which facts have not. */
type ToldElsewhere = 'outage.began' | 'outage.ended' | 'guard.tripped' | 'request.shed' | 'request.limited'

type Told = Exclude<FactType, ToldElsewhere>

/** What each fact says in the log. A missing row does not compile. */
const LINES: { readonly [T in Told]: (fact: FactOf<T>) => Line } = {
  'run.accepted': (fact) => {
    const { agentVersion, promptVersion } = fact
    return line('runs', 'debug', 'run accepted', { ...ofRun(fact), agentVersion, promptVersion })
  },
  'run.started': (fact) => {
    const text = fact.queuedMs === null ? 'run resumed' : 'run started'
    return line('runs', 'info', text, { ...ofRun(fact), queuedMs: fact.queuedMs ?? undefined })
  },
  'run.waits': (fact) => line('runs', 'info', `run waits for ${WAITS[fact.waitsFor]}`, ofRun(fact)),
  'run.goes_on': (fact) => {
    return line('runs', 'info', `run goes on after it waited for ${WAITS[fact.waitedFor]}`, ofRun(fact))
  },
  'run.ended': (fact) => {
    const { status: outcome, reason, code, steps, durationMs, usage } = fact
    const how = { outcome, reason, code, steps, durationMs, ...tokensOf(usage) }
    const level = outcome === 'failed' ? 'error' : 'info'
    return line('runs', level, `run ended: ${outcome}`, {
      ...ofRun(fact),
      ...how,
      costMicroUsd: usage.costMicroUsd,
    })
  },
  'model.attempted': (fact) => {
    const { hop, provider, model, purpose, outcome, code, servedBy, stop, requestId } = fact
    const { usage, costMicroUsd, firstByteMs, durationMs } = fact
    return line('models', 'info', MODEL_TEXTS[outcome], {
      ...ofRun(fact),
      ...{ step: fact.step, hop, provider, model, modelAttempt: fact.attempt, outcome, code, stop },
      // What is as usual is left out.
      purpose: purpose === 'answer' ? undefined : purpose,
      servedBy: servedBy === model ? undefined : servedBy,
      providerRequestId: requestId ?? undefined,
      firstByteMs,
      durationMs,
      ...(usage !== undefined && tokensOf(usage)),
      costMicroUsd,
    })
  },
  'model.held_back': (fact) => {
    const { step, hop, provider, model, code, retryAfterMs } = fact
    const what = { step, hop, provider, model, code, retryAfterMs }
    return line('traffic', 'debug', 'model call held back', { ...ofRun(fact), ...what })
  },
  'cache.asked': (fact) => {
    const { step, hop, provider, model, attempt, outcome, durationMs, savedMicroUsd } = fact
    const isHit = outcome !== 'miss' && outcome !== 'waits'
    const text = isHit
      ? 'answered from the cache'
      : outcome === 'miss'
        ? 'not in the cache'
        : 'waits for an equal question'
    return line('cache', isHit ? 'info' : 'debug', text, {
      ...ofRun(fact),
      ...{ step, hop, attempt, provider, model, outcome, durationMs },
      savedMicroUsd: isHit ? savedMicroUsd : undefined,
    })
  },
  'tool.attempted': (fact) => {
    const { step, callId, tool, attempt, effect, outcome, code, durationMs } = fact
    const what = { step, tool, callId, attempt, effect, outcome, code, durationMs }
    const isTrouble = outcome !== 'ok' && outcome !== 'stopped'
    return line('tools', isTrouble ? 'warn' : 'info', TOOL_TEXTS[outcome], { ...ofRun(fact), ...what })
  },
  'tool.refused': (fact) => {
    const { step, callId, tool, code, rule } = fact
    return line('tools', 'info', 'tool call refused', { ...ofRun(fact), step, tool, callId, code, rule })
  },
  'approval.requested': (fact) => {
    const { step, approvalId, tool } = fact
    return line('approvals', 'info', 'approval requested', { ...ofRun(fact), step, tool, approvalId })
  },
  'approval.decided': (fact) => {
    const { step, approvalId, tool, outcome, by, durationMs } = fact
    const what = { step, tool, approvalId, outcome, by, durationMs }
    return line('approvals', 'info', `approval decided: ${outcome}`, { ...ofRun(fact), ...what })
  },
  'budget.reached': (fact) => {
    const { scope, limit, period, allowed, used, resetsAt } = fact.reached
    const what = { scope, limit, period, allowed, used, resetsAt }
    return line('runs', 'warn', 'budget reached', { ...ofRun(fact), ...what })
  },
  'context.compacted': (fact) => {
    const { step, strategy, tokensBefore, tokensAfter, durationMs } = fact
    const what = { step, strategy, tokensBefore, tokensAfter, durationMs }
    return line('models', 'info', 'transcript compacted', { ...ofRun(fact), ...what })
  },
  'model.routed': (fact) => {
    const { step, rule, model, durationMs } = fact
    const what = { step, rule, model, durationMs }
    return line('models', rule === null ? 'debug' : 'info', 'models chosen', { ...ofRun(fact), ...what })
  },
  'agent.handed_off': (fact) => {
    return line('runs', 'info', 'run handed off', {
      ...ofRun(fact),
      step: fact.step,
      tool: fact.tool,
      to: fact.to,
    })
  },
  'sub_agent.ended': (fact) => {
    const { step, tool, to, childRunId, status: outcome, durationMs } = fact
    const what = { step, tool, to, childRunId, outcome, durationMs }
    return line('runs', 'info', 'sub-agent ended', { ...ofRun(fact), ...what })
  },
  'activity.retried': ({ type: _type, runId, ...attempt }) => {
    const { activity, code } = attempt
    const level = HAS_OWN_LINES.has(activity) || code === 'store_unavailable' ? 'debug' : 'warn'
    const what = { runId: runId ?? undefined, ...attempt }
    return line('runs', level, 'activity failed and is tried again', what)
  },
  'webhook.attempted': (fact) => {
    const { tenant, run, webhookId, deliveryId, event, attempt, outcome, code, httpStatus, durationMs } = fact
    return line('webhooks', outcome === 'delivered' ? 'info' : 'warn', WEBHOOK_TEXTS[outcome], {
      ...{ runId: run?.runId, traceId: run?.trace.traceId, tenant, webhookId, deliveryId, event },
      ...{ attempt, outcome, code, httpStatus, durationMs },
    })
  },
  'statement.slow': ({ statement, durationMs, waitedMs, code, by }) => {
    const what = { statement, durationMs, waitedMs, code }
    const whose = by && { ...ofRun(by), activity: by.activity, step: by.step }
    return line('store', 'debug', 'a statement was slow', { ...whose, ...what })
  },
  'run.spans_lost': ({ ended }) =>
    line('upkeep', 'debug', 'a run ended about when a process died', ofRun(ended)),
  'request.answered': (fact) => {
    const {
      requestId,
      method,
      route,
      status: httpStatus,
      code,
      tenant,
      key: keyId,
      token,
      targetId,
      madeKey: madeKeyId,
      runId,
      traceId,
    } = fact
    const what = { requestId, method, route, httpStatus, code, durationMs: fact.durationMs }
    const level = isWatching(fact) ? 'debug' : 'info'
    const by = { keyId, tokenId: token?.id, tokenIssuer: token?.issuer }
    return line('http', level, `${method} ${route} ${httpStatus}`, {
      ...what,
      targetId,
      madeKeyId,
      runId,
      traceId,
      tenant,
      ...by,
    })
  },
}

/** The line of a fact; null for a fact that has its line elsewhere. */
export function lineOf(fact: Fact): Line | null {
  const make = (LINES as Partial<Record<FactType, (fact: never) => Line>>)[fact.type]
  return make === undefined ? null : make(fact as never)
}

const WAITS = { approval: 'a person', budget: 'its budget', models: 'a model' } as const

const MODEL_TEXTS = {
  answered: 'model answered',
  failed: 'model gave no answer',
  stopped: 'model call stopped',
} as const

const TOOL_TEXTS = {
  ok: 'tool answered',
  failed: 'tool failed',
  outcome_unknown: 'tool call ended unseen',
  retried: 'tool failed and is called again',
  stopped: 'tool call stopped',
} as const

const WEBHOOK_TEXTS = {
  delivered: 'webhook delivered',
  retried: 'webhook not delivered, and tried again',
  failed: 'webhook not delivered, and not tried again',
  gone: 'webhook disabled: its endpoint takes no more',
} as const

/** Activities whose attempts have facts of their own. */
const HAS_OWN_LINES: ReadonlySet<string> = new Set(['callModel', 'runTool'])

/**
 * Probes, scrapes and event streams: many, and always the same. Their failures are worth a line. So are requests that are refused in masses,
 * of which one line tells in a while.
 */
function isWatching({ route, status, code }: FactOf<'request.answered'>): boolean {
  if (code === 'overloaded') return true
  return status < 400 && (!route.startsWith('/v1/') || route.endsWith('/events'))
}

function ofRun({ run, agent }: { readonly run: FactRun; readonly agent?: string }) {
  const { runId, tenant, trace, parentRunId } = run
  return { runId, traceId: trace.traceId, tenant, agent, parentRunId }
}

function tokensOf({ inputTokens, outputTokens }: CallUsage | RunUsage) {
  return { inputTokens, outputTokens }
}

function line(
  area: LogArea,
  level: Line['level'],
  text: string,
  fields: Readonly<Record<string, unknown>>,
): Line {
  return { area, level, text, fields }
}
