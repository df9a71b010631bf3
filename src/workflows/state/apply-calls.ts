import type { ErrorCode } from '../../contracts/error-codes.ts'
import { plannedTool, termsOf } from '../../contracts/read-plan.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { aged as agedApproval, newApproval, vote } from './approval-state.ts'
import { findCall } from './check-decision.ts'
import { clearedLate, refuse } from './cleared.ts'
import type { Command } from './command.ts'
import { end } from './endings.ts'
import { asked, lookedUp } from './judged.ts'
import type { Occurrence } from './occurrence.ts'
import type { ApprovalState, CallState, RunState } from './run-state.ts'

type CallOccurrence = Extract<
  Occurrence,
  {
    type:
      | `tool_${string}`
      | 'call_looked_up'
      | 'look_up_failed'
      | `child_${string}`
      | `approval_${string}`
      | `${string}_recorded`
      | 'policy_tightened'
      | 'results_noted'
      | 'alarm'
  }
>

/** What an occurrence makes of the step's tool calls. Those it is not about stay as they are. */
export function applyToCalls(
  plan: WorkflowPlan,
  state: RunState,
  occurrence: CallOccurrence,
  nowMs: number,
): RunState {
  switch (occurrence.type) {
    case 'results_noted':
      return occurrence.indexes.reduce((changed, index) => update(changed, index, done), state)
    case 'call_looked_up':
      return update(state, occurrence.index, (call) => lookedUp(plan, state, call, occurrence.found, nowMs))
    case 'look_up_failed':
      return update(state, occurrence.index, (call) => refuse(call, 'tool_look_up_failed', null))
    case 'tool_finished':
      return toolFinished(plan, state, occurrence, nowMs)
    case 'tool_failed':
      return toolFailed(plan, state, occurrence, nowMs)
    case 'tool_stopped':
      return update(state, occurrence.index, done)
    case 'child_finished':
      return update(carriedOut(state), occurrence.index, done)
    case 'child_withheld':
      return update(returned(state, occurrence.index), occurrence.index, (call) => {
        if (call.stage !== 'running') return done(call)
        const unbegun = { ...call, toolCallShare: 0 }
        return occurrence.never
          ? refuse(unbegun, 'tool_budget_reached', null)
          : { ...unbegun, stage: 'ready' }
      })
    case 'child_waits':
      return update(state, occurrence.index, (call) =>
        call.stage === 'running' ? { ...call, childWaits: occurrence.waits } : call,
      )
    case 'approval_recorded':
      return update(state, occurrence.index, (call) => ({
        ...call,
        stage: call.approval?.outcome ? 'decided' : 'waiting',
      }))
    case 'approval_decided':
      return decided(plan, state, occurrence, nowMs)
    case 'decision_recorded':
      return update(state, occurrence.index, (call) =>
        decisionRecorded(plan, state, call, occurrence.refused === true),
      )
    case 'progress_recorded':
      return update(state, occurrence.index, progressRecorded)
    case 'policy_tightened':
      return tightened(plan, state, occurrence.rule, nowMs)
    case 'alarm':
      return aged(plan, state, nowMs)
  }
}

/** A command about one call is under way. */
export function issuedCall(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'look_up_call':
      return update(state, command.input.index, (call) => ({ ...call, stage: 'looking_up' }))
    case 'run_tool':
      return update(countCalls(state, 1), command.input.index, (call) => ({ ...call, stage: 'running' }))
    case 'run_child': {
      const { toolCallShare } = command.input
      return update(countCalls(state, 1 + toolCallShare), command.index, (call) => ({
        ...call,
        stage: 'running',
        childWaits: false,
        toolCallShare,
      }))
    }
    case 'stop_tool':
      return update(state, command.index, (call) => ({ ...call, stage: 'stopping' }))
    case 'request_approval':
      return update(state, command.index, (call) => ({ ...call, stage: 'asking' }))
    case 'record_progress':
      return update(state, command.index, (call) => ({
        ...call,
        approval: call.approval && { ...call.approval, unrecorded: [], recordingProgress: true },
      }))
    case 'record_decision':
      return update(state, command.index, (call) => ({ ...call, stage: 'recording' }))
    case 'note_results':
      return {
        ...state,
        calls: state.calls.map((call) => (call.stage === 'refused' ? { ...call, stage: 'noting' } : call)),
      }
    default:
      return state
  }
}

function countCalls(state: RunState, more: number): RunState {
  return { ...state, budget: { ...state.budget, toolCalls: state.budget.toolCalls + more } }
}

/** A sub-agent that was not begun used nothing. */
function returned(state: RunState, index: number): RunState {
  const call = state.calls.find((one) => one.index === index)
  return call === undefined ? state : countCalls(state, -(1 + call.toolCallShare))
}

function toolFinished(
  plan: WorkflowPlan,
  state: RunState,
  { index, outcome }: Extract<Occurrence, { type: 'tool_finished' }>,
  nowMs: number,
): RunState {
  const counted = carriedOut(state)
  if (outcome.status !== 'outcome_unknown') return update(counted, index, done)
  return update(counted, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

function toolFailed(
  plan: WorkflowPlan,
  state: RunState,
  { index, code }: Extract<Occurrence, { type: 'tool_failed' }>,
  nowMs: number,
): RunState {
  if (plan.format >= 3 && code !== undefined && NEVER_MADE.has(code)) {
    return update(state, index, (call) => refuse(call, code, null))
  }
  const isRead = state.calls.some(
    (call) => call.index === index && plannedTool(plan, call.tool).effect === 'read',
  )
  return isRead
    ? update(carriedOut(state), index, (call) => refuse(call, 'tool_failed', null))
    : update(state, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

/** Failures that an activity has before it makes a call: there is no outcome for a person to look up. */
const NEVER_MADE: ReadonlySet<ErrorCode> = new Set(['tool_arguments_mismatch'])

/** As the store counts them: calls that came to an end, good or bad. */
function carriedOut(state: RunState): RunState {
  return { ...state, usage: { ...state.usage, toolCalls: state.usage.toolCalls + 1 } }
}

/** Nobody saw how the call ended and it changes something: a person looks, and says whether to call again. */
function askAboutOutcome(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const approval = newApproval(termsOf(plan, call.terms), state, call, 'outcome_unknown', nowMs)
  return { ...call, stage: 'unasked', rule: 'outcome-unknown', approval }
}

function decided(
  plan: WorkflowPlan,
  state: RunState,
  { decision, found }: Extract<Occurrence, { type: 'approval_decided' }>,
  nowMs: number,
): RunState {
  const call = findCall(state, decision.approvalId)
  if (call === undefined || call.approval === null || call.approval.outcome !== null) return state
  const approval = vote(termsOf(plan, call.terms), call.approval, decision, nowMs, found)
  return update(state, call.index, (current) => withApproval(current, approval))
}

/** Time has come to look at what waits: escalations, reminders, expiries. */
function aged(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  let failed = false
  const calls = state.calls.map((call) => {
    if (call.stage !== 'waiting' || call.approval === null || call.approval.outcome !== null) return call
    const approval = agedApproval(termsOf(plan, call.terms), call.approval, nowMs)
    if (approval === 'failed') failed = true
    return approval === 'failed' ? call : withApproval(call, approval)
  })
  const after: RunState = { ...state, calls }
  if (!failed) return after
  return end(after, { status: 'failed', reason: 'approval_expired', error: 'tool_approval_expired' })
}

/** While the asking itself is still being recorded an outcome waits its turn. */
function withApproval(call: CallState, approval: ApprovalState): CallState {
  const isDecided = approval.outcome !== null && call.stage === 'waiting'
  return { ...call, approval, stage: isDecided ? 'decided' : call.stage }
}

function progressRecorded(call: CallState): CallState {
  return call.approval === null ? call : { ...call, approval: { ...call.approval, recordingProgress: false } }
}

function decisionRecorded(plan: WorkflowPlan, state: RunState, call: CallState, refused: boolean): CallState {
  const { approval } = call
  if (approval === null || approval.outcome === null) return call
  // An edit that is not usable decides nothing: its author's vote is void, and the approval waits on.
  if (refused) {
    const { by } = approval.outcome
    const votes = approval.votes.filter((one) => one.by !== by)
    return { ...call, stage: 'waiting', approval: { ...approval, votes, outcome: null, edit: null } }
  }
  const goesAhead = approval.outcome.status === 'approved' || approval.outcome.status === 'edited'
  // A rule that came in while the decision was being recorded still counts.
  const deniedNow = state.tightened.some((rule) => rule.verdict === 'deny' && isAbout(rule, call))
  if (goesAhead && deniedNow) return refuse(call, 'tool_denied', 'tightened')
  switch (approval.outcome.status) {
    case 'approved': {
      const again = call.again + (approval.cause === 'outcome_unknown' ? 1 : 0)
      return clearedLate(plan, state, { ...call, again })
    }
    case 'edited':
      return clearedLate(plan, state, edited(call, approval))
    default:
      return done(call)
  }
}

/** With the arguments that a person has put in place of the model's, and what was looked up of them. */
function edited(call: CallState, { edit }: ApprovalState): CallState {
  if (edit === null) return { ...call, edited: true }
  const approvers = edit.found?.approvers ?? call.found?.approvers
  const found = edit.found && { ...edit.found, ...(approvers && { approvers }) }
  return { ...call, ...edit, ...(found && { found }), edited: true }
}

/** A stricter rule meets the calls that have not begun. What is looser, it leaves alone. */
function tightened(plan: WorkflowPlan, state: RunState, rule: TightenedRule, nowMs: number): RunState {
  const after: RunState = { ...state, tightened: [...state.tightened, rule] }
  return {
    ...after,
    calls: after.calls.map((call) =>
      isAbout(rule, call) && NOT_BEGUN.has(call.stage) ? stricter(plan, after, call, rule, nowMs) : call,
    ),
  }
}

function isAbout(rule: TightenedRule, { tool, approval }: CallState): boolean {
  // A call that may have been made already is another question.
  return approval?.cause !== 'outcome_unknown' && (rule.tool === '*' || rule.tool === tool)
}

const NOT_BEGUN: ReadonlySet<CallState['stage']> = new Set([
  'to_look_up',
  'ready',
  'unasked',
  'asking',
  'waiting',
])

function stricter(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  rule: TightenedRule,
  nowMs: number,
): CallState {
  if (rule.verdict === 'deny') {
    const isAsked = call.stage === 'asking' || call.stage === 'waiting'
    if (!isAsked || call.approval === null) return refuse(call, 'tool_denied', 'tightened')
    if (call.approval.outcome !== null) return call
    const at = new Date(nowMs).toISOString()
    return withApproval(call, { ...call.approval, outcome: { status: 'rejected', by: 'policy', at } })
  }
  // A call that a person has cleared already stays cleared.
  if (call.stage !== 'ready' || call.approval !== null) return call
  return asked(plan, state, { ...call, rule: 'tightened' }, nowMs)
}

function done(call: CallState): CallState {
  return { ...call, stage: 'done' }
}

function update(state: RunState, index: number, change: (call: CallState) => CallState): RunState {
  return { ...state, calls: state.calls.map((call) => (call.index === index ? change(call) : call)) }
}
