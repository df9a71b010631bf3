import type { ToolResultNote } from '../../contracts/activities.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { Command } from './command.ts'
import { plannedTool } from './planned-tool.ts'
import { type CallState, isBusy, openApprovals, type RunState } from './run-state.ts'

/**
 * What to begin now. Pure, and says each command once: whoever carries it out tells `apply` that it was issued before
 * asking again.
 */
export function decide(plan: RunPlan, state: RunState): readonly Command[] {
  if (state.phase === 'closed') return []
  if (state.ending !== null) return wrapUp(state)
  if (state.phase === 'opening') return state.bookkeeping === 'none' ? [{ type: 'open_run' }] : []
  const records = [...state.calls.flatMap((call) => record(plan, state, call)), ...noteResults(state)]
  if (state.handOver) {
    return records.length > 0 ? records : isBusy(state) ? [] : [{ type: 'continue_as_new' }]
  }
  if (state.phase === 'thinking') return state.turn.stage === 'idle' ? [callModel(plan, state)] : []
  return [...records, ...state.calls.flatMap((call) => runTool(plan, state, call))]
}

/** Once the end is decided: stop what runs, wait for it, then close. */
function wrapUp(state: RunState): readonly Command[] {
  const stops: Command[] = state.calls.flatMap(({ stage, index }) =>
    stage === 'running' ? [{ type: 'stop_tool', index } as const] : [],
  )
  if (state.turn.stage === 'running') stops.push({ type: 'stop_model' })
  if (stops.length > 0 || isBusy(state) || state.ending === null) return stops
  const { status, reason, error, answer } = state.ending
  return [
    {
      type: 'close_run',
      input: {
        status,
        ...(reason !== undefined && { reason }),
        ...(error !== undefined && { error }),
        ...(answer !== undefined && { answer }),
        ...(state.turn.failedHops.length > 0 && { failedHops: state.turn.failedHops }),
        steps: state.step,
        approvals: openApprovals(state),
      },
    },
  ]
}

function callModel(plan: RunPlan, state: RunState): Command {
  const { hop, inbox, failedHops } = state.turn
  const model = plan.chain[hop]
  if (model === undefined) throw new Error(`No hop ${hop} in a chain of ${plan.chain.length}`)
  return {
    type: 'call_model',
    input: {
      step: state.step,
      hop,
      seq: state.nextSeq + inbox.length,
      agent: plan.agent.name,
      prompt: plan.prompt,
      model,
      tools: plan.tools.map(({ name }) => name),
      ...(inbox.length > 0 && { inbox }),
      ...(failedHops.length > 0 && { failedHops }),
    },
  }
}

/** Puts an approval, or what became of it, on the record. */
function record(plan: RunPlan, state: RunState, call: CallState): readonly Command[] {
  const { index, stage, approval } = call
  if (approval === null) return []
  if (stage === 'unasked') {
    return [
      {
        type: 'request_approval',
        index,
        input: {
          approvalId: approval.id,
          agent: plan.agent.name,
          step: state.step,
          index,
          tool: call.tool,
          effect: plannedTool(plan, call.tool).effect,
          arguments: call.arguments,
          argumentsSha256: call.argumentsSha256,
          cause: approval.cause,
          rule: call.rule ?? 'otherwise',
          expiresAt: new Date(approval.expiresAtMs).toISOString(),
        },
      },
    ]
  }
  if (stage !== 'decided' || approval.outcome === null) return []
  const stillWaiting = openApprovals(state).filter((id) => id !== approval.id)
  const refusal = refusalCode(approval)
  const { message } = approval.outcome
  return [
    {
      type: 'record_decision',
      index,
      input: {
        approvalId: approval.id,
        outcome: approval.outcome,
        stillWaiting,
        ...(refusal !== null && { toolResult: note(call, refusal, message) }),
      },
    },
  ]
}

/** What the model is told of a call that a person, or time, has stopped; null for one that goes ahead. */
function refusalCode({ cause, outcome }: NonNullable<CallState['approval']>): ErrorCode | null {
  if (outcome === null || outcome.status === 'approved') return null
  if (cause === 'outcome_unknown') return 'tool_outcome_unknown'
  return outcome.status === 'rejected' ? 'tool_rejected' : 'tool_approval_expired'
}

function noteResults(state: RunState): readonly Command[] {
  const notes = state.calls.flatMap((call) =>
    call.stage === 'refused' && call.refusal !== null
      ? [{ ...note(call, call.refusal), ...(call.rule !== null && { rule: call.rule }) }]
      : [],
  )
  return notes.length > 0 ? [{ type: 'note_results', input: { step: state.step, notes } }] : []
}

function note({ seq, callId, tool, index }: CallState, code: ErrorCode, message?: string): ToolResultNote {
  return { index, seq, callId, tool, code, ...(message !== undefined && { message }) }
}

function runTool(plan: RunPlan, state: RunState, call: CallState): readonly Command[] {
  if (call.stage !== 'ready') return []
  const { name, effect, idempotency } = plannedTool(plan, call.tool)
  const { index, seq, callId, argumentsSha256, again } = call
  return [
    {
      type: 'run_tool',
      input: {
        step: state.step,
        index,
        seq,
        callId,
        tool: { name, effect, idempotency },
        arguments: call.arguments,
        argumentsSha256,
        again,
      },
    },
  ]
}
