import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { RunId, RunReason } from '../../../contracts/runs/run.ts'
import { type WorkflowPlan, wholePlan } from '../../../contracts/runs/workflow-plan.ts'
import type { Command } from '../command.ts'
import { currentAgent } from '../current-agent.ts'
import { endRun } from '../endings.ts'
import { type Ending, type RunState, waitsForBudget } from '../run-state.ts'
import { startOfChain } from './chain.ts'
import type { ModelsState, ModelWait } from './models-state.ts'

/*
 * No hop of the chain has answered. A run whose agent waits for models tries the chain again from time to time, one try a hop, until
 * a model answers or the time to wait is up.
 */

/** Time between two tries of the chain: it doubles from the first to the longest. Never changed: runs replay by it. */
const FIRST_SPACING_MS = 15_000
const LONGEST_SPACING_MS = 120_000

/** Failures that pass while the run waits, by themselves or by an operator. The others are about the request itself. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'model_rate_limited',
  'model_overloaded',
  'model_connect_timed_out',
  'model_timed_out',
  'model_stalled',
  'model_call_timed_out',
  'model_unreachable',
  'model_answer_malformed',
  'model_circuit_open',
  'model_unauthorized',
  'model_key_missing',
  'model_quota_exhausted',
  'model_busy',
  'model_held_back',
  'model_limit_reached',
  'store_unavailable',
])

/** Failures before which no attempt is booked. */
const NOT_BOOKED: ReadonlySet<ErrorCode> = new Set([
  'model_price_unknown',
  'model_circuit_open',
  'model_busy',
  'model_held_back',
  'model_limit_reached',
  'model_cannot_read_files',
])

/** Failures before any request: the configuration lacks something that only an operator can set. */
const NOT_CONFIGURED: ReadonlyMap<ErrorCode, RunReason> = new Map([
  ['model_price_unknown', 'model_price_unknown'],
  ['model_key_missing', 'model_key_missing'],
])

/** Failures that are about the request itself: the same request would fail so again. */
const OF_REQUEST: ReadonlySet<ErrorCode> = new Set([
  'model_context_too_long',
  'model_request_refused',
  'model_cannot_read_files',
])

/** Leaves a failed attempt of a waiting run out of its limit of model calls, so that an outage does not use the limit up. */
export function spareAttempt(state: RunState, code: ErrorCode): RunState {
  if (state.models.wait === null || NOT_BOOKED.has(code)) return state
  return { ...state, models: { ...state.models, spared: state.models.spared + 1 } }
}

/** The last hop of the chain has failed: the run waits for models, or ends without an answer. */
export function onChainExhausted(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const codes = state.turn.failedHops.map(({ code }) => code)
  const mayPass = codes.some((code) => TRANSIENT.has(code))
  if (!mayPass && codes.includes('model_content_filtered')) {
    return endRun(state, { status: 'incomplete', reason: 'refusal', rest: {} })
  }
  const fault = faultOfRequest(plan, codes)
  if (fault !== null) return endRun(state, { status: 'incomplete', reason: fault, rest: {} })
  const whenNoModel = currentAgent(plan, state).whenNoModel ?? plan.whenNoModel ?? 'answer'
  if (whenNoModel === 'answer' || !mayPass) return endWithoutModels(plan, state)
  const { wait } = state.models
  return wait === null ? startWait(state, whenNoModel.waitMs, nowMs) : continueWait(state, wait, nowMs)
}

/** The reason for an end where every hop has failed for what the request is; null where another failure is among them. */
function faultOfRequest({ format }: WorkflowPlan, codes: readonly ErrorCode[]): RunReason | null {
  // Older runs ended as if the models were away.
  if (format < 4 || !codes.every((code) => OF_REQUEST.has(code))) return null
  return codes.every((code) => code === 'model_context_too_long') ? 'context_too_long' : 'request_refused'
}

function endWithoutModels(plan: WorkflowPlan, state: RunState): RunState {
  return endRun(state, {
    status: 'incomplete',
    reason: unavailableReason(plan, state),
    rest: degradedAnswer(plan, state),
  })
}

/** The agent's degraded answer, by the agent's name: the accepted plan has its text. An earlier release's activities get the text. */
function degradedAnswer(plan: WorkflowPlan, state: RunState): NonNullable<Ending['rest']> {
  const whole = wholePlan(plan)
  return whole === null
    ? { degradedOf: currentAgent(plan, state).agent.name }
    : { text: currentAgent(whole, state).degradedAnswer }
}

/** The reason for an end without models: what the operator has to set, of the first hop, where no hop came to a request. */
function unavailableReason({ format }: WorkflowPlan, { turn, models }: RunState): RunReason {
  const failed = turn.failedHops.length > 0 ? turn.failedHops : models.failedHops
  const [first, ...others] = failed.map(({ code }) => NOT_CONFIGURED.get(code))
  // Older runs had the one reason.
  if (format < 3 || first === undefined || others.includes(undefined)) return 'models_unavailable'
  return first
}

function startWait(state: RunState, waitMs: number, nowMs: number): RunState {
  const wait: ModelWait = {
    sinceMs: nowMs,
    untilMs: nowMs + waitMs,
    nextTryAtMs: nowMs + spacingMs(state.runId, 0),
    probing: false,
  }
  return {
    ...withNotice(state, 'away', { wait, tries: 0, failedHops: state.turn.failedHops }),
    turn: { ...state.turn, failedHops: [] },
  }
}

/** The chain was tried in vain: the wait goes on until the same end. */
function continueWait(state: RunState, wait: ModelWait, nowMs: number): RunState {
  const tries = state.models.tries + 1
  const nextTryAtMs = nowMs + spacingMs(state.runId, tries)
  return {
    ...state,
    models: { ...state.models, wait: { ...wait, nextTryAtMs, probing: false }, tries },
  }
}

/** Ends the run whose wait for models is over, and tries the chain again when its time has come. */
export function advanceModelWait(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { wait } = state.models
  if (nextModelMomentMs(state) > nowMs || wait === null) return state
  if (wait.untilMs <= nowMs) return endWithoutModels(plan, state)
  return {
    ...state,
    turn: { ...state.turn, hop: startOfChain(plan, state), failedHops: [] },
    models: { ...state.models, wait: { ...wait, probing: true } },
  }
}

/** A model may be back: a run that waits tries the chain now. One that is trying it already finds out by itself. */
export function wakeModelWait(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { wait } = state.models
  if (wait === null || wait.probing || state.ending !== null) return state
  const due = { ...state.models, wait: { ...wait, nextTryAtMs: Math.min(wait.nextTryAtMs, nowMs) } }
  return advanceModelWait(plan, { ...state, models: due }, nowMs)
}

/** When time next changes the wait for models; infinity where it changes nothing, as while the run waits for its budget. */
export function nextModelMomentMs(state: RunState): number {
  const { wait } = state.models
  if (wait === null || wait.probing || waitsForBudget(state)) return Number.POSITIVE_INFINITY
  return Math.min(wait.nextTryAtMs, wait.untilMs)
}

/** A model has answered: the wait for models, if there is one, is over. */
export function endModelWait(state: RunState): RunState {
  return state.models.wait === null ? state : withNotice(state, 'returned', { wait: null })
}

function withNotice(
  state: RunState,
  notice: ModelsState['unrecorded'][number],
  change: Partial<ModelsState>,
): RunState {
  const { progress, unrecorded } = state.models
  const models = { ...state.models, ...change, progress: progress + 1, unrecorded: [...unrecorded, notice] }
  return { ...state, models }
}

/** Milliseconds to the next try: half to all of the spacing, by run and try, so that runs that wait together don't retry together. */
export function spacingMs(runId: RunId, tries: number): number {
  const most = Math.min(FIRST_SPACING_MS * 2 ** tries, LONGEST_SPACING_MS)
  return Math.round(most * (0.5 + 0.5 * fractionOf(`${runId}/${tries}`)))
}

/** 0 to 1, evenly spread over texts (FNV-1a, with its bits mixed once more since the texts differ only at their ends). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}

/** Puts on the record that the run waits for models, or waits no longer. */
export function recordModelWait({ step, models, ending }: RunState): readonly Command[] {
  const { wait, tries, failedHops, progress, unrecorded, recording } = models
  if (recording || unrecorded.length === 0) return []
  const at = (ms: number) => new Date(ms).toISOString()
  return [
    {
      type: 'record_model_wait',
      input: {
        progress,
        notices: unrecorded,
        step,
        tries,
        ...(failedHops.length > 0 && { failedHops }),
        ...(wait !== null &&
          ending === null && { waits: { since: at(wait.sinceMs), until: at(wait.untilMs) } }),
      },
    },
  ]
}
