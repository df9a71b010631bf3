import { plannedTool } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { ToolResultNote } from '../../../contracts/tools/tool-call.ts'
import type { Command } from '../command.ts'
import { resultNote } from '../result-note.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'

/** Looks up facts and approvers of the calls whose tools want them, before the policy is applied and before a person is asked. */
export function lookUps(plan: WorkflowPlan, { step, calls }: RunState): readonly Command[] {
  return calls.flatMap(({ stage, index, tool, arguments: args, found }) => {
    if (stage !== 'to_look_up') return []
    // Where the facts are known, or the tool has none, the look-up is for approvers: a rule has asked for a person.
    const ask = found !== undefined || !plannedTool(plan, tool).facts
    const input = { step, index, ...(ask && { ask: true as const }) }
    return [{ type: 'look_up_call', tool, arguments: args, input }]
  })
}

export function runTool(plan: WorkflowPlan, state: RunState, call: CallState): Command {
  const { name, effect, idempotency, timeoutMs, attempts } = plannedTool(plan, call.tool)
  const { index, seq, callId, argumentsSha256, again } = call
  return {
    type: 'run_tool',
    input: {
      step: state.step,
      index,
      seq,
      callId,
      tool: { name, effect, idempotency, timeoutMs, attempts },
      arguments: call.arguments,
      argumentsSha256,
      ...(call.edited && { edited: true as const }),
      ...(call.approval !== null && { asked: true as const }),
      again,
    },
  }
}

/** Gives a result to each call that no tool answers. */
export function noteResults(state: RunState): readonly Command[] {
  const notes = state.calls.flatMap((call) =>
    call.stage === 'refused'
      ? [
          {
            ...resultNote(call, call.refusal ?? undefined),
            ...handedTo(state, call),
            ...(call.rule !== null && { rule: call.rule }),
            ...(call.handsTo !== null && { handoff: call.handsTo }),
          },
        ]
      : [],
  )
  return notes.length > 0 ? [{ type: 'note_results', input: { step: state.step, notes } }] : []
}

/** The specialist that another call of the step has handed the run to, for a handoff that was refused because of it. */
function handedTo({ calls }: RunState, { refusal }: CallState): Pick<ToolResultNote, 'handedTo'> {
  const to = calls.find(({ handsTo }) => handsTo !== null)?.handsTo
  return refusal === 'tool_handed_off' && to ? { handedTo: to } : {}
}
