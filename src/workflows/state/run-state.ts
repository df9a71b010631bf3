import type { RecordProgressInput } from '../../contracts/activities.ts'
import type { ApprovalCause, ApprovalId, ApprovalOutcome, Vote } from '../../contracts/approval.ts'
import type { FailedHop } from '../../contracts/ending.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { FoundOfCall } from '../../contracts/look-up.ts'
import type { RunId, RunReason, TerminalStatus } from '../../contracts/run.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import { NO_USAGE, type RunUsage } from '../../contracts/usage.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { type AdmissionQueue, EMPTY_QUEUE } from './admission-queue.ts'
import { type BudgetState, initialBudget } from './budget-state.ts'
import { type ModelsState, NO_MODEL_WAIT } from './models-state.ts'
import { firstHop } from './speaker.ts'

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

/**
 * ready → running → done, by way of a person where the policy asks for one:
 * unasked → asking → waiting → decided → recording → ready or done. A call that is not made, or that failed for good, is
 * answered by the run itself: refused → noting → done. A call of which something has to be known first begins at
 * to_look_up → looking_up.
 */
export type CallStage =
  | 'to_look_up'
  | 'looking_up'
  | 'ready'
  | 'running'
  | 'stopping'
  | 'unasked'
  | 'asking'
  | 'waiting'
  | 'decided'
  | 'recording'
  | 'refused'
  | 'noting'
  | 'done'

export interface CallState {
  readonly index: number
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  /** Transcript position of its result. */
  readonly seq: number
  readonly stage: CallStage
  /** Name of the rule that asked or denied, where one did. */
  readonly rule: string | null
  /** What the model is told in the result's place, once that is settled. */
  readonly refusal: ErrorCode | null
  readonly approval: ApprovalState | null
  /** Name of the terms on which a person is asked about this call. */
  readonly terms: string
  /** Whether the principal has not had this tool succeed before; absent where no rule asks, and in older states. */
  readonly firstTime?: boolean
  /** What was looked up of it; absent before that, and for a tool that looks up nothing. */
  readonly found?: FoundOfCall
  /** A person has changed the arguments. */
  readonly edited: boolean
  /** How often a person said "call again" after an unknown outcome. */
  readonly again: number
  /** The specialist that this call gives the run to, once the policy lets it. */
  readonly handsTo: string | null
  /** The sub-agent that runs for this call waits for a person. */
  readonly childWaits: boolean
  /** Tool calls set aside for that sub-agent. */
  readonly toolCallShare: number
}

export interface ApprovalState {
  readonly id: ApprovalId
  readonly cause: ApprovalCause
  readonly requestedAtMs: number
  readonly expiresAtMs: number
  /** null where the terms want no reminders. */
  readonly remindAtMs: number | null
  /** Groups that may decide now; with no people named either it is everybody who may decide approvals at all. */
  readonly approvers: readonly string[]
  /** People who may decide as well, where the tool has named some. Absent in older states. */
  readonly principals?: readonly string[]
  /** Steps of the escalation that have been taken. */
  readonly escalated: number
  readonly votes: readonly Vote[]
  /** Votes, escalations and reminders so far, and those of them that are not on the record yet, oldest first. */
  readonly progress: number
  readonly unrecorded: readonly ProgressKind[]
  readonly recordingProgress: boolean
  readonly outcome: ApprovalOutcome | null
  /** What an editor wants called instead. */
  readonly edit: {
    readonly arguments: JsonObject
    readonly argumentsSha256: string
    readonly found?: FoundOfCall
  } | null
}

export type ProgressKind = RecordProgressInput['what'][number]

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

/** Its next step is the run's own: it is made, or looked up. */
export function isDue({ stage }: CallState): boolean {
  return stage === 'ready' || stage === 'to_look_up'
}

export function waitsForPerson({ stage, childWaits }: CallState): boolean {
  return stage === 'waiting' || (stage === 'running' && childWaits)
}
