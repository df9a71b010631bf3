import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { RunId, RunReason } from '../../../contracts/run.ts'
import { type WorkflowPlan, wholePlan } from '../../../contracts/workflow-plan.ts'
import type { Command } from '../command.ts'
import { currentAgent } from '../current-agent.ts'
import { end } from '../endings.ts'
import { type Ending, isHeld, type RunState } from '../run-state.ts'
import { startOfChain } from './chain.ts'
import type { ModelsState, ModelWait } from './models-state.ts'

/*
 * No link of the chain has answered. An agent that waits for models tries the chain again from time to time, one try a link,
 * until a model answers or its time is up.
 */

/** Time between two tries of the chain: it doubles from the first to the longest. Never changes: runs replay by it. */
const FIRST_SPACING_MS = 15_000
const LONGEST_SPACING_MS = 120_000

/** What a provider gets over, or an operator mends while the run waits. The others are about the request itself. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'model_rate_limited',
  'model_overloaded',
  'model_timed_out',
  'model_stalled',
  'model_unreachable',
  'model_answer_malformed',
  'model_unauthorized',
  'model_key_missing',
  'model_quota_exhausted',
  'store_unavailable',
])

/** Failures of which the provider hears nothing: the configuration lacks something. */
const NOT_ASKED: ReadonlyMap<ErrorCode, RunReason> = new Map([
  ['model_price_unknown', 'model_price_unknown'],
  ['model_key_missing', 'model_key_missing'],
])

/** A link has failed in a try: nothing was had for the attempt, and an outage is not to use a budget up. */
export function spareAttempt(state: RunState, code: ErrorCode): RunState {
  // Without a price nobody is asked.
  if (state.models.wait === null || code === 'model_price_unknown') return state
  return { ...state, models: { ...state.models, spared: state.models.spared + 1 } }
}

/** The last link has failed: the run waits, or ends with what there is. */
export function noneAnswered(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const codes = state.turn.failedHops.map(({ code }) => code)
  const mayPass = codes.some((code) => PASSING.has(code))
  if (!mayPass && codes.includes('model_content_filtered')) {
    return end(state, { status: 'incomplete', reason: 'refusal', rest: {} })
  }
  const whenNoModel = currentAgent(plan, state).whenNoModel ?? plan.whenNoModel ?? 'answer'
  if (whenNoModel === 'answer' || !mayPass) return modelsUnavailable(plan, state)
  const { wait } = state.models
  return wait === null ? startWait(state, whenNoModel.waitMs, nowMs) : waitOn(state, wait, nowMs)
}

function modelsUnavailable(plan: WorkflowPlan, state: RunState): RunState {
  return end(state, { status: 'incomplete', reason: whyNone(plan, state), rest: degradedAnswer(plan, state) })
}

/** The agent's words stand in the accepted plan; an earlier release's activities are given them. */
function degradedAnswer(plan: WorkflowPlan, state: RunState): NonNullable<Ending['rest']> {
  const whole = wholePlan(plan)
  return whole === null
    ? { degradedOf: currentAgent(plan, state).agent.name }
    : { text: currentAgent(whole, state).degradedAnswer }
}

/** Models that are not asked at all are not away: what the operator has to set is the reason, that of the first link. */
function whyNone({ format }: WorkflowPlan, { turn, models }: RunState): RunReason {
  const failed = turn.failedHops.length > 0 ? turn.failedHops : models.failedHops
  const [first, ...others] = failed.map(({ code }) => NOT_ASKED.get(code))
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
    ...noted(state, 'away', { wait, tries: 0, failedHops: state.turn.failedHops }),
    turn: { ...state.turn, failedHops: [] },
  }
}

/** The chain was tried in vain. The wait does not begin anew. */
function waitOn(state: RunState, wait: ModelWait, nowMs: number): RunState {
  const tries = state.models.tries + 1
  const nextTryAtMs = nowMs + spacingMs(state.runId, tries)
  return {
    ...state,
    models: { ...state.models, wait: { ...wait, nextTryAtMs, probing: false }, tries },
  }
}

/** What time does to a run that waits for models. */
export function agedModelWait(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { wait } = state.models
  if (nextModelMomentMs(state) > nowMs || wait === null) return state
  if (wait.untilMs <= nowMs) return modelsUnavailable(plan, state)
  return {
    ...state,
    turn: { ...state.turn, hop: startOfChain(plan, state), failedHops: [] },
    models: { ...state.models, wait: { ...wait, probing: true } },
  }
}

/** When time next changes something about the wait for models. While a budget holds the run, that one is waited for. */
export function nextModelMomentMs(state: RunState): number {
  const { wait } = state.models
  if (wait === null || wait.probing || isHeld(state)) return Number.POSITIVE_INFINITY
  return Math.min(wait.nextTryAtMs, wait.untilMs)
}

/** A model has answered. */
export function modelsReturned(state: RunState): RunState {
  return state.models.wait === null ? state : noted(state, 'returned', { wait: null })
}

function noted(
  state: RunState,
  notice: ModelsState['unrecorded'][number],
  change: Partial<ModelsState>,
): RunState {
  const { progress, unrecorded } = state.models
  const models = { ...state.models, ...change, progress: progress + 1, unrecorded: [...unrecorded, notice] }
  return { ...state, models }
}

/** Between half of the spacing and all of it, by run and try, so that runs which wait together do not come back together. */
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
