import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { hopsOf } from '../../../contracts/models/chains.ts'
import type { ModelDecision } from '../../../contracts/models/model-call.ts'
import { addModelCall } from '../../../contracts/models/usage.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { PendingToolCall } from '../../../contracts/tools/tool.ts'
import { currentAgent } from '../current-agent.ts'
import { failInternally, nextTurnOrEnd } from '../endings.ts'
import type { RunState } from '../run-state.ts'
import { keepFirstHandoff } from '../tools/allow-call.ts'
import type { CallState } from '../tools/call-state.ts'
import { judgeCall } from '../tools/judge-call.ts'
import { NO_FAULTS } from './answers-state.ts'
import { askAgain } from './ask-again.ts'
import { nextHop } from './chain.ts'
import { measureContext } from './context-state.ts'
import { onChainExhausted } from './model-wait.ts'
import { escalate } from './route.ts'

/** A model has answered: the step acts on its calls, or the run has its answer. */
export function onModelAnswered(
  plan: WorkflowPlan,
  state: RunState,
  decision: ModelDecision,
  nowMs: number,
): RunState {
  const { fault } = decision
  const seq = state.nextSeq + state.turn.inbox.length
  const after: RunState = {
    ...state,
    turn: { stage: 'idle', hop: decision.hop ?? state.turn.hop, failedHops: [], inbox: [] },
    servedBy: decision.servedBy,
    context: measureContext(plan, state, decision.usage),
    usage: addModelCall(state.usage, decision.usage, decision.costMicroUsd),
    // A fault has a message to the model in the place of results.
    nextSeq: seq + 1 + (fault === undefined ? decision.toolCalls.length : 1),
    answers: fault === undefined ? answersAfter(state, decision) : state.answers,
    calls: keepFirstHandoff(
      plan,
      decision.toolCalls.map((call) => newCall(plan, state, call, seq + 1 + call.index, nowMs)),
    ),
  }
  if (after.ending !== null) return after
  const isLast = after.budget.mode === 'finishing'
  if (fault !== undefined && !isLast) return askAgain(plan, { ...after, calls: [] }, fault, seq)
  if (decision.stop === 'refusal' || decision.stop === 'max_output_tokens') {
    return { ...after, calls: [], ending: { status: 'incomplete', reason: decision.stop, answer: { seq } } }
  }
  if (isLast) {
    return { ...after, calls: [], ending: { status: 'incomplete', reason: 'budget', answer: { seq } } }
  }
  if (after.calls.length > 0) {
    const acting: RunState = { ...after, phase: 'acting' }
    if (acting.calls.some(({ stage }) => stage !== 'done')) return acting
    const isWrong = decision.toolCalls.every(({ problem }) => problem !== undefined)
    return nextTurnOrEnd(plan, (isWrong ? escalate(plan, acting, 'wrong_calls') : null) ?? acting)
  }
  // Messages that came during the call are answered before the run ends, and a paused answer is not the run's.
  if (after.inbox.length > 0 || decision.stop === 'pause') return nextTurnOrEnd(plan, after)
  return { ...after, ending: { status: 'completed', answer: { seq } } }
}

/** What was asked for again is over, once an answer is whole: for good with an answer that calls nothing, since it fits. */
function answersAfter({ answers }: RunState, { toolCalls }: ModelDecision): RunState['answers'] {
  return toolCalls.length === 0 ? NO_FAULTS : { ...answers, cutOff: 0, again: null }
}

function newCall(
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
  // The activity has stored the problem as the call's result.
  if (call.problem !== undefined) return { ...base, stage: 'done' }
  return judgeCall(plan, state, { ...base, stage: 'ready' }, nowMs)
}

/** A hop has failed for good: the step goes on with the next hop of the chain. */
export function onHopFailed(plan: WorkflowPlan, state: RunState, code: ErrorCode, nowMs: number): RunState {
  const { hop, failedHops } = state.turn
  const model = hopsOf(currentAgent(plan, state))[hop]?.model ?? 'unknown'
  const after: RunState = {
    ...state,
    turn: { ...state.turn, stage: 'idle', failedHops: [...failedHops, { hop, model, code }] },
  }
  if (after.ending !== null) return after
  // Another model would fail as well: the worker lacks the agent.
  if (code === 'agent_unknown') return failInternally(after, code)
  // Another provider's filter may let the conversation through. Older runs ended here.
  if (code === 'model_content_filtered' && plan.format < 3)
    return { ...after, ending: { status: 'incomplete', reason: 'refusal' } }
  const next = nextHop(plan, state)
  if (next !== null) return { ...after, turn: { ...after.turn, hop: next } }
  return onChainExhausted(plan, after, nowMs)
}
