import type { ApprovalTerms } from '../../contracts/approvals/approval.ts'
import { PLAN_FORMAT, type RunLimits, type RunPlan } from '../../contracts/runs/plan.ts'
import type { AgentRunInput } from '../agent-run.messages.ts'
import { EMPTY_QUEUE } from './admission-queue.ts'
import type { ApprovalState } from './approvals/approval-state.ts'
import { initialBudget } from './budgets/budget-state.ts'
import { NO_FAULTS } from './models/answers-state.ts'
import { WHOLE_TRANSCRIPT } from './models/context-state.ts'
import { NO_MODEL_WAIT } from './models/models-state.ts'
import type { RunState } from './run-state.ts'
import type { CallState } from './tools/call-state.ts'

/*
 * Runs outlive releases, so the inputs that 0.1.0 wrote are read for ever. The types of 0.1.0 name each field that they had: a new
 * field of today's types does not compile until this file says which value old runs get for it.
 */

interface FirstPlan extends Pick<RunPlan, 'agent' | 'prompt' | 'chain' | 'degradedAnswer' | 'tools'> {
  readonly format: 1
  readonly limits: Pick<RunLimits, 'maxSteps' | 'deadlineMs' | 'historyEvents' | 'historyBytes'> & {
    /** How long an approval waited before it counted as rejected. */
    readonly approvalTimeoutMs: number
  }
}

type FirstApproval = Pick<ApprovalState, 'id' | 'cause' | 'expiresAtMs' | 'outcome'>

interface FirstCall
  extends Pick<
    CallState,
    | 'index'
    | 'callId'
    | 'tool'
    | 'arguments'
    | 'argumentsSha256'
    | 'seq'
    | 'stage'
    | 'rule'
    | 'refusal'
    | 'again'
  > {
  readonly approval: FirstApproval | null
}

interface FirstState
  extends Pick<
    RunState,
    | 'runId'
    | 'phase'
    | 'step'
    | 'nextSeq'
    | 'turn'
    | 'inbox'
    | 'seen'
    | 'usage'
    | 'servedBy'
    | 'clock'
    | 'bookkeeping'
    | 'ending'
    | 'handOver'
  > {
  readonly calls: readonly FirstCall[]
}

/** The input of a run that 0.1.0 began, or handed over to itself. */
export interface FirstInput extends Pick<AgentRunInput, 'run' | 'inputCount'> {
  readonly plan: FirstPlan
  readonly carried?: FirstState
}

/** Values for the fields that a state handed over by 0.2.0 lacks, and by 0.3.0: `answers`, `context` and `routes`. */
const LATER = {
  models: NO_MODEL_WAIT,
  answers: NO_FAULTS,
  context: WHOLE_TRANSCRIPT,
  routes: {},
  moreSteps: 0,
  queue: EMPTY_QUEUE,
} as const satisfies Partial<RunState>

/**
 * The input in this release's types, whichever release has written it.
 *
 * @throws Error where a later release has written it. An error of this kind fails the workflow task and leaves the run as it is: Temporal
 * offers the task again until a worker takes it that knows the plan.
 */
export function upgrade(input: AgentRunInput | FirstInput): AgentRunInput {
  const { format } = input.plan
  if (format > PLAN_FORMAT)
    throw new Error(
      `The run's plan has format ${format}, and this build knows ${PLAN_FORMAT}: a newer worker takes it.`,
    )
  if (!isFirst(input)) return input.carried ? { ...input, carried: { ...LATER, ...input.carried } } : input
  const { carried, plan, ...rest } = input
  const { approvalTimeoutMs, ...limits } = plan.limits
  const standard = firstTerms(approvalTimeoutMs)
  return {
    ...rest,
    plan: { ...plan, format: 2, approvalTerms: { standard }, limits },
    ...(carried !== undefined && { carried: upgradeState(carried, standard) }),
  }
}

function isFirst(input: AgentRunInput | FirstInput): input is FirstInput {
  return input.plan.format === 1
}

/** The terms of every approval before a plan had any. */
function firstTerms(timeoutMs: number): ApprovalTerms {
  return {
    approvers: [],
    quorum: 1,
    excludeRequester: false,
    rejection: 'ends',
    decisions: ['approve', 'reject'],
    timeoutMs,
    onTimeout: 'reject',
    escalation: [],
    remindEveryMs: 0,
  }
}

function upgradeState(state: FirstState, terms: ApprovalTerms): RunState {
  const calls = state.calls.map((call): CallState => {
    const approval = call.approval && upgradeApproval(call.approval, terms)
    return {
      ...call,
      approval,
      terms: 'standard',
      edited: false,
      handsTo: null,
      childWaits: false,
      toolCallShare: 0,
    }
  })
  return { ...state, calls, tightened: [], budget: initialBudget({}), speaker: null, ...LATER }
}

function upgradeApproval(approval: FirstApproval, { timeoutMs, approvers }: ApprovalTerms): ApprovalState {
  return {
    ...approval,
    requestedAtMs: approval.expiresAtMs - timeoutMs,
    remindAtMs: null,
    approvers,
    escalated: 0,
    votes: [],
    progress: 0,
    unrecorded: [],
    recordingProgress: false,
    edit: null,
  }
}
