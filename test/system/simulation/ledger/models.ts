import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { ModelWaitNotice } from '../../../../src/contracts/runs/ending.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Ending, RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import type { hopsFor } from './routes.ts'
import { currentAgent } from './team.ts'

/** Of one chain: what failed so far, and the hop that is tried now. */
export interface LedgerModels {
  readonly codes: ErrorCode[]
  isLast: boolean
  /** The run waits until a model answers. */
  wait: { readonly untilMs: number; lastTryMs: number; isUnderWay: boolean } | null
  waits: number
  /** Attempts that failed during waits. */
  spared: number
  returns: number
  /** What people sent that counted while the run waited. */
  takenIn: number
  readonly notices: ModelWaitNotice[]
  isToldAway: boolean
  recordedWait: boolean
}

export function newModels(): LedgerModels {
  return {
    codes: [],
    isLast: false,
    wait: null,
    waits: 0,
    spared: 0,
    returns: 0,
    takenIn: 0,
    notices: [],
    isToldAway: false,
    recordedWait: false,
  }
}

/** Failures that pass with time, or by an operator: a run waits for them to pass. */
const WORTH_WAITING: readonly ErrorCode[] = [
  'model_overloaded',
  'model_circuit_open',
  'model_held_back',
  'model_limit_reached',
  'model_unauthorized',
  'model_key_missing',
]
/** Failures before an attempt is booked. */
const NOT_BOOKED: readonly ErrorCode[] = [
  'model_price_unknown',
  'model_circuit_open',
  'model_held_back',
  'model_limit_reached',
]
/** Nobody is asked: the configuration lacks something, and that is the reason of the run's end. */
const NOT_ASKED: readonly ErrorCode[] = ['model_price_unknown', 'model_key_missing']
/** What a run ends with where every hop has failed for what the request is. */
const REASONS_OF_REQUEST = ['context_too_long', 'request_refused'] as const
const LEAST_SPACING_MS = 7_500

/** A hop is begun. While the run waits for models, the hop is part of a try, and tries keep their distance. */
export function observeHopInWait(
  ledger: Ledger,
  { usual, cheaper }: ReturnType<typeof hopsFor>,
  { hop, probe }: Extract<Command, { type: 'call_model' }>['input'],
  nowMs: number,
): void {
  const { models } = ledger
  models.isLast = hop === usual[1] || hop === cheaper?.[1]
  const { wait } = models
  must((probe === true) === (wait !== null), 'a run tries each hop once exactly while it waits for models')
  if (wait === null) return
  const isDue = nowMs >= wait.lastTryMs + LEAST_SPACING_MS
  must(isDue || wait.isUnderWay, 'tries of the chain keep their distance')
  wait.isUnderWay = true
}

/** An attempt that failed while the run waited. */
export function observeSpared({ models }: Ledger, code: ErrorCode): void {
  if (models.wait !== null && !NOT_BOOKED.includes(code)) models.spared += 1
}

/** A hop has failed for good. After the last one the run waits or ends, as its agent says. */
export function observeHopFailed(
  ledger: Ledger,
  plan: RunPlan,
  code: ErrorCode,
  { ending }: RunState,
  nowMs: number,
): void {
  const { models } = ledger
  models.codes.push(code)
  if (!models.isLast) {
    must(!isForWantOfModels(ending), 'a run ends for want of models only when no hop is left')
    return
  }
  const whenNoModel = currentAgent(ledger, plan).whenNoModel ?? plan.whenNoModel ?? 'answer'
  const isWorthIt = models.codes.some((one) => WORTH_WAITING.includes(one))
  const isFiltered = !isWorthIt && models.codes.includes('model_content_filtered')
  const [first, ...others] = models.codes
  const isNobodyAsked = [first, ...others].every((one) => one !== undefined && NOT_ASKED.includes(one))
  const ofRequest = reasonOfRequest(models.codes) ?? 'models_unavailable'
  models.codes.length = 0
  if (whenNoModel === 'answer' || !isWorthIt) {
    models.wait = null
    const reason = isFiltered ? 'refusal' : isNobodyAsked ? first : ofRequest
    must(
      ending?.status === 'incomplete' && ending.reason === reason,
      'a run that does not wait for models ends',
    )
    return
  }
  must(!isForWantOfModels(ending), 'a run that waits for models does not end')
  if (models.wait === null) {
    models.waits += 1
    models.wait = { untilMs: nowMs + whenNoModel.waitMs, lastTryMs: nowMs, isUnderWay: false }
  }
  models.wait.lastTryMs = nowMs
  models.wait.isUnderWay = false
}

/** Plans of the simulation are of the newest format. */
function reasonOfRequest(codes: readonly ErrorCode[]): Ending['reason'] | null {
  if (codes.every((code) => code === 'model_context_too_long')) return 'context_too_long'
  const areOfRequest = codes.every(
    (code) => code === 'model_context_too_long' || code === 'model_request_refused',
  )
  return areOfRequest ? 'request_refused' : null
}

function isForWantOfModels(ending: Ending | null): boolean {
  const reason = ending?.reason
  return isWantOfModels(reason) || reason === 'refusal' || REASONS_OF_REQUEST.some((one) => one === reason)
}

function isWantOfModels(reason: Ending['reason']): boolean {
  return reason === 'models_unavailable' || NOT_ASKED.some((code) => code === reason)
}

export function observeModelsReturned({ models }: Ledger): void {
  models.codes.length = 0
  if (models.wait === null) return
  models.wait = null
  models.returns += 1
}

export function observeModelNotices(
  { models }: Ledger,
  { notices, progress, waits }: Extract<Command, { type: 'record_model_wait' }>['input'],
): void {
  for (const notice of notices) {
    must(
      notice === (models.isToldAway ? 'returned' : 'away'),
      'a wait for models is told when it begins and when it ends',
    )
    models.notices.push(notice)
    models.isToldAway = notice === 'away'
  }
  must(progress === models.notices.length, 'each notice of a wait for models is put on the record once')
  models.recordedWait = waits !== undefined
}

/** The run is told that a model may be back: it tries its chain at once, or when what else it waits for is there. */
export function observeModelsBack({ models: { wait } }: Ledger, before: RunState, after: RunState): void {
  if (wait === null || wait.isUnderWay || before.ending !== null) return
  wait.lastTryMs = Number.NEGATIVE_INFINITY
  const tries = after.models.wait?.probing === true || after.ending !== null
  must(tries || before.budget.pause !== null, 'a run that is told of a model tries it')
}

/** A moment has come that the run named. */
export function observeModelAlarm({ models: { wait } }: Ledger, after: RunState, nowMs: number): void {
  if (wait === null || after.budget.pause !== null || after.turn.stage !== 'idle') return
  const isOver = nowMs >= wait.untilMs && after.models.wait?.probing !== true
  must(!isOver || after.ending !== null, 'a wait for models comes to its end')
}

export function observeModelEnd({ models: { wait } }: Ledger, { reason }: Ending, nowMs: number): void {
  if (!isWantOfModels(reason) || wait === null) return
  must(nowMs >= wait.untilMs, 'a wait for models does not end ahead of time')
}

/** All that happened is on the record when the run is over. */
export function observeLastModelNotices({ models }: Ledger): void {
  const count = (wanted: ModelWaitNotice) => models.notices.filter((notice) => notice === wanted).length
  must(count('away') === models.waits, 'every wait for models is on the record')
  must(count('returned') === models.returns, 'every return of the models is on the record')
}
