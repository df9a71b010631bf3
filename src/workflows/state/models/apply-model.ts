import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { ModelDecision } from '../../../contracts/model-call.ts'
import { hopsOf } from '../../../contracts/read-plan.ts'
import type { PendingToolCall } from '../../../contracts/tool.ts'
import { addModelCall } from '../../../contracts/usage.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { currentAgent } from '../current-agent.ts'
import { another, fail } from '../endings.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from '../tools/call-state.ts'
import { oneHandoff } from '../tools/clear-call.ts'
import { judged } from '../tools/judge-call.ts'
import { nextHop } from './chain.ts'
import { noneAnswered } from './model-wait.ts'

/** The model has answered: the step acts on its calls, or the run has its answer. */
export function answered(
  plan: WorkflowPlan,
  state: RunState,
  decision: ModelDecision,
  nowMs: number,
): RunState {
  const seq = state.nextSeq + state.turn.inbox.length
  const after: RunState = {
    ...state,
    turn: { stage: 'idle', hop: state.turn.hop, failedHops: [], inbox: [] },
    servedBy: decision.servedBy,
    usage: addModelCall(state.usage, decision.usage, decision.costMicroUsd),
    nextSeq: seq + 1 + decision.toolCalls.length,
    calls: oneHandoff(
      plan,
      decision.toolCalls.map((call) => callState(plan, state, call, seq + 1 + call.index, nowMs)),
    ),
  }
  if (after.ending !== null) return after
  if (decision.stop === 'refusal' || decision.stop === 'max_output_tokens') {
    return { ...after, calls: [], ending: { status: 'incomplete', reason: decision.stop, answer: { seq } } }
  }
  if (after.budget.mode === 'finishing') {
    return { ...after, calls: [], ending: { status: 'incomplete', reason: 'budget', answer: { seq } } }
  }
  if (after.calls.length > 0) {
    const acting: RunState = { ...after, phase: 'acting' }
    return acting.calls.every(({ stage }) => stage === 'done') ? another(plan, acting) : acting
  }
  // Words that came while the model spoke are answered before the run ends.
  if (after.inbox.length > 0) return another(plan, after)
  return { ...after, ending: { status: 'completed', answer: { seq } } }
}

function callState(
  plan: WorkflowPlan,
  state: RunState,
  call: PendingToolCall,
  seq: number,
  nowMs: number,
): CallState {
  const { index, callId, tool, argumentsSha256 } = call
  const base = {
    index,
    callId,
    tool,
    arguments: call.arguments,
    argumentsSha256,
    seq,
    approval: null,
    terms: 'standard',
    ...(call.firstTime !== undefined && { firstTime: call.firstTime }),
    edited: false,
    rule: null,
    refusal: null,
    again: 0,
    handsTo: null,
    childWaits: false,
    toolCallShare: 0,
  }
  // The model has been told of the problem already, in the result's place.
  if (call.problem !== undefined) return { ...base, stage: 'done' }
  return judged(plan, state, { ...base, stage: 'ready' }, nowMs)
}

/** A hop has failed for good: the next one is asked. */
export function hopFailed(plan: WorkflowPlan, state: RunState, code: ErrorCode, nowMs: number): RunState {
  const { hop, failedHops } = state.turn
  const model = hopsOf(currentAgent(plan, state))[hop]?.model ?? 'unknown'
  const after: RunState = {
    ...state,
    turn: { ...state.turn, stage: 'idle', failedHops: [...failedHops, { hop, model, code }] },
  }
  if (after.ending !== null) return after
  // No other model mends it: the worker lacks the agent.
  if (code === 'agent_unknown') return fail(after, code)
  // What one provider's filter stops, another one's may let through. Older runs ended here.
  if (code === 'model_content_filtered' && plan.format < 3)
    return { ...after, ending: { status: 'incomplete', reason: 'refusal' } }
  const next = nextHop(plan, state)
  if (next !== null) return { ...after, turn: { ...after.turn, hop: next } }
  return noneAnswered(plan, after, nowMs)
}
