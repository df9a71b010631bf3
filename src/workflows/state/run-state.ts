import type { FailedHop } from '../../contracts/ending.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunId, RunReason, TerminalStatus } from '../../contracts/run.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import { NO_USAGE, type RunUsage } from '../../contracts/usage.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { type AdmissionQueue, EMPTY_QUEUE } from './admission-queue.ts'
import { type BudgetState, initialBudget } from './budgets/budget-state.ts'
import { firstHop } from './models/chain.ts'
import { type ModelsState, NO_MODEL_WAIT } from './models/models-state.ts'
import { type CallStage, type CallState, isDue, waitsForPerson } from './tools/call-state.ts'

/**
 * Everything a run knows while it goes on: plain JSON, bounded in size, carried whole from one execution to the next. The
 * plan stands beside it and never changes.
 */
export interface RunState {
  readonly runId: RunId
  readonly phase: 'opening' | 'thinking' | 'acting' | 'closed'
  /** Turn of the loop, from 1; 0 before the first model call. */
  readonly step: number
  /** First free transcript position. */
  readonly nextSeq: number
  readonly turn: Turn
  /** Tool calls of this step, in the model's order. */
  readonly calls: readonly CallState[]
  /** Messages added while the run goes on, not yet shown to the model. */
  readonly inbox: readonly string[]
  /** Ids of messages taken in already, oldest first; a repeated signal is told by them. */
  readonly seen: readonly string[]
  /** What others want of the run and it has not taken or refused yet. */
  readonly queue: AdmissionQueue
  /** Rules added to the plan's while the run goes on. */
  readonly tightened: readonly TightenedRule[]
  readonly usage: RunUsage
  readonly budget: BudgetState
  readonly models: ModelsState
  /** Steps beyond the plan's own limit, which resuming has brought. */
  readonly moreSteps: number
  /** The specialist that has the run; null for the agent that it started with. */
  readonly speaker: string | null
  /** The model of the last answer, as its provider names it. */
  readonly servedBy: string | null
  readonly clock: Clock
  /** The run's own row being opened or closed. */
  readonly bookkeeping: 'none' | 'opening' | 'closing'
  /** Set once the run's end is decided; nothing new begins from then on. */
  readonly ending: Ending | null
  /** A fresh execution is to take over as soon as nothing is in flight. */
  readonly handOver: boolean
}

/** The model call of this step. */
export interface Turn {
  readonly stage: 'idle' | 'running' | 'stopping'
  readonly hop: number
  readonly failedHops: readonly FailedHop[]
  /** Messages that this step's call places in the transcript; kept until an answer is stored. */
  readonly inbox: readonly string[]
}

export interface Ending {
  readonly status: TerminalStatus
  readonly reason?: RunReason
  readonly error?: ErrorCode
  /** The model's. */
  readonly answer?: { readonly seq: number; readonly text?: string }
  /** There is no answer: what the store has of the run takes its place, after `text` or after this agent's degraded answer. */
  readonly rest?: { readonly text?: string; readonly degradedOf?: string }
}

/** Time the run itself has taken. It stands still while the run only waits for people, budgets or models. */
export interface Clock {
  readonly spentMs: number
  /** Since when it runs; null while it stands. */
  readonly runningSinceMs: number | null
}

/** Message ids kept for telling a repeated signal. Never changed: runs replay by it. */
export const SEEN_MESSAGES = 200

const IDLE: Turn = { stage: 'idle', hop: 0, failedHops: [], inbox: [] }

export function initialState(
  plan: Pick<WorkflowPlan, 'budget'>,
  runId: RunId,
  inputCount: number,
  nowMs: number,
): RunState {
  return {
    runId,
    phase: 'opening',
    step: 0,
    nextSeq: inputCount,
    turn: IDLE,
    calls: [],
    inbox: [],
    seen: [],
    queue: EMPTY_QUEUE,
    tightened: [],
    usage: NO_USAGE,
    budget: initialBudget(plan),
    models: NO_MODEL_WAIT,
    moreSteps: 0,
    speaker: null,
    servedBy: null,
    clock: { spentMs: 0, runningSinceMs: nowMs },
    bookkeeping: 'none',
    ending: null,
    handOver: false,
  }
}

/** The state at the start of another turn: its model call takes in whatever messages have come. */
export function nextTurn(plan: WorkflowPlan, state: RunState): RunState {
  return {
    ...state,
    phase: 'thinking',
    step: state.step + 1,
    turn: { ...IDLE, hop: firstHop(plan, state), inbox: state.inbox },
    inbox: [],
    calls: [],
  }
}

/** Nothing that comes from now on counts. */
export function hasEnded({ ending, phase }: RunState): boolean {
  return ending !== null || phase === 'closed'
}

/** True while an activity of the run is in flight. */
export function isBusy(state: RunState): boolean {
  return (
    state.bookkeeping !== 'none' ||
    state.budget.recording ||
    state.models.recording ||
    state.queue.admitting ||
    state.queue.recording ||
    state.turn.stage !== 'idle' ||
    state.calls.some(({ stage, approval }) => BUSY.has(stage) || approval?.recordingProgress === true)
  )
}
const BUSY: ReadonlySet<CallStage> = new Set([
  'looking_up',
  'running',
  'stopping',
  'asking',
  'recording',
  'noting',
])

/** Nothing new may begin: the run waits for its budget. */
export function isHeld({ budget: { pause } }: RunState): boolean {
  return pause !== null && !pause.probing
}

/** True while the run can only go on when a person does something, or a budget's period ends. */
export function isWaiting(state: RunState): boolean {
  if (state.ending !== null) return false
  const held = isHeld(state)
  if (state.phase === 'thinking') return held && state.turn.stage === 'idle'
  const waits = (call: CallState) => waitsForPerson(call) || (held && isDue(call))
  return (
    state.phase === 'acting' &&
    state.calls.some(waits) &&
    state.calls.every((call) => waits(call) || call.stage === 'done')
  )
}
