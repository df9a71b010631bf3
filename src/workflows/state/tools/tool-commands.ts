import { plannedTool } from '../../../contracts/read-plan.ts'
import type { ToolResultNote } from '../../../contracts/tool-call.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import type { Command } from '../command.ts'
import { resultNote } from '../result-note.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'

/** Nobody is asked about a call, and none is made, before it is known what its tool wants known of it. */
export function lookUps(plan: WorkflowPlan, { step, calls }: RunState): readonly Command[] {
  return calls.flatMap(({ stage, index, tool, arguments: args, found }) => {
    if (stage !== 'to_look_up') return []
    // What its rules look at is known, or there is nothing of the kind: they want a person.
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

/** Puts the run's own words in the place of results that no tool gives. */
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

/** To whom another call of the step has handed the run, for one that was not made because of it. */
function handedTo({ calls }: RunState, { refusal }: CallState): Pick<ToolResultNote, 'handedTo'> {
  const to = calls.find(({ handsTo }) => handsTo !== null)?.handsTo
  return refusal === 'tool_handed_off' && to ? { handedTo: to } : {}
}
