import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { EscalationCause, RouteChoice } from '../../contracts/models/routing.ts'
import { NO_USAGE, type RunUsage } from '../../contracts/models/usage.ts'
import type { FailedHop } from '../../contracts/runs/ending.ts'
import type { RunId, RunReason, TerminalStatus } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import { type AdmissionQueue, EMPTY_QUEUE } from './admission-queue.ts'
import { type BudgetState, initialBudget } from './budgets/budget-state.ts'
import { type AnswersState, NO_FAULTS } from './models/answers-state.ts'
import { firstHop } from './models/chain.ts'
import { type ContextState, WHOLE_TRANSCRIPT } from './models/context-state.ts'
import { type ModelsState, NO_MODEL_WAIT } from './models/models-state.ts'
import { type CallStage, type CallState, isDue, waitsForPerson } from './tools/call-state.ts'

/**
 * Everything a run knows while it goes on: plain JSON, bounded in size, handed over whole from one execution to the next. Its plan
 * is separate, and never changes. Names of fields never change either: histories and the store have them.
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
  /** Ids of messages added while the run goes on that no model has been shown yet. */
  readonly inbox: readonly string[]
  /** Ids of the messages that have been in the inbox, oldest first, by which a repeated signal is recognised. */
  readonly seen: readonly string[]
  /** Messages, decisions, changes and rules that wait for their turn. */
  readonly queue: AdmissionQueue
  /** Stricter rules that were added to the plan's while the run goes on. */
  readonly tightened: readonly TightenedRule[]
  readonly usage: RunUsage
  readonly budget: BudgetState
  readonly models: ModelsState
  readonly context: ContextState
  /** The routes of the agents that have had the run and have rules about their models; `rule` names the rule that chose it. */
  readonly routes: { readonly [agent: string]: AgentRoute }
  readonly answers: AnswersState
  /** Steps beyond the plan's limit, granted when the run was resumed. */
  readonly moreSteps: number
  /** The current agent: a specialist's name, or null for the agent that the run started with. */
  readonly speaker: string | null
  /** The model of the last answer, as its provider names it. */
  readonly servedBy: string | null
  readonly clock: Clock
  /** Whether an activity is opening or closing the run's row in the store. */
  readonly bookkeeping: 'none' | 'opening' | 'closing'
  /** Set once the run's end is decided; nothing new begins from then on. */
  readonly ending: Ending | null
  /** A fresh execution is to take over as soon as nothing is in flight. */
  readonly handOver: boolean
}

interface AgentRoute extends Pick<RouteChoice, 'route' | 'rule'> {
  /** Why the agent's next call is to go to its stronger models. */
  readonly cause?: EscalationCause
}

/** The model call of this step. */
export interface Turn {
  readonly stage: 'idle' | 'running' | 'stopping'
  readonly hop: number
  readonly failedHops: readonly FailedHop[]
  /** Ids of messages that this step's call places in the transcript; kept until an answer is stored. */
  readonly inbox: readonly string[]
}

export interface Ending {
  readonly status: TerminalStatus
  readonly reason?: RunReason
  readonly error?: ErrorCode
  /** The model's answer. */
  readonly answer?: { readonly seq: number; readonly text?: string }
  /** Set where there is no answer: a list of what was done takes its place, after `text` or the degraded answer of agent `degradedOf`. */
  readonly rest?: { readonly text?: string; readonly degradedOf?: string }
}

/** Time the run itself has taken. It stands still while the run only waits for people, budgets or models. */
export interface Clock {
  readonly spentMs: number
  /** Since when it runs; null while it stands. */
  readonly runningSinceMs: number | null
}

/** Message ids that are kept to recognise a repeated signal. Never changed: runs replay by it. */
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
    context: WHOLE_TRANSCRIPT,
    routes: {},
    answers: NO_FAULTS,
    moreSteps: 0,
    speaker: null,
    servedBy: null,
    clock: { spentMs: 0, runningSinceMs: nowMs },
    bookkeeping: 'none',
    ending: null,
    handOver: false,
  }
}

/** The state at the start of another turn. Its model call is shown all messages of the inbox. */
export function nextTurn(plan: WorkflowPlan, state: RunState): RunState {
  return {
    ...state,
    phase: 'thinking',
    step: state.step + 1,
    turn: { ...IDLE, hop: firstHop(plan, state), inbox: state.inbox },
    inbox: [],
    calls: [],
    answers: { ...state.answers, again: null },
  }
}

/** Whether the run's end is decided, so that nothing that comes from now on counts. */
export function hasEnded({ ending, phase }: RunState): boolean {
  return ending !== null || phase === 'closed'
}

/** True while an activity of the run is in flight. */
export function isBusy(state: RunState): boolean {
  return (
    state.bookkeeping !== 'none' ||
    state.budget.recording ||
    state.models.recording ||
    state.context.stage !== 'idle' ||
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

/** Whether the run waits for its budget, so that nothing new may begin. */
export function waitsForBudget({ budget: { pause } }: RunState): boolean {
  return pause !== null && !pause.probing
}

/** True while the run can only go on when a person does something, or a budget's period ends. */
export function isWaiting(state: RunState): boolean {
  if (state.ending !== null) return false
  const isPaused = waitsForBudget(state)
  if (state.phase === 'thinking') return isPaused && state.turn.stage === 'idle'
  const waits = (call: CallState) => waitsForPerson(call) || (isPaused && isDue(call))
  return (
    state.phase === 'acting' &&
    state.calls.some(waits) &&
    state.calls.every((call) => waits(call) || call.stage === 'done')
  )
}
