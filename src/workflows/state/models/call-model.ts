import { hopsOf } from '../../../contracts/models/chains.ts'
import type { PlannedModelCall } from '../../../contracts/models/model-call.ts'
import { type WorkflowPlan, wholePlan } from '../../../contracts/runs/workflow-plan.ts'
import type { PlannedTool } from '../../../contracts/tools/tool.ts'
import { hopBudget } from '../budgets/usable-limits.ts'
import type { Command } from '../command.ts'
import { currentAgent } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'

/** The next hop of the step, for the agent that has the run now. */
export function callModel(plan: WorkflowPlan, state: RunState): Command {
  const { hop, inbox, failedHops } = state.turn
  const agent = currentAgent(plan, state)
  const model = hopsOf(agent)[hop]
  if (model === undefined) throw new Error(`No hop ${hop} in a chain of ${hopsOf(agent).length}`)
  const isLast = state.budget.mode === 'finishing'
  const tools = isLast ? [] : agent.tools
  const firstTimeOf = tools.filter(asksForFirstTime).map(({ name }) => name)
  const budget = hopBudget(plan, state)
  const window = state.context.windows[agent.agent.name]
  return {
    type: 'call_model',
    model: model.model,
    again: state.answers.again,
    input: {
      step: state.step,
      hop,
      seq: state.nextSeq + inbox.length,
      agent: agent.agent.name,
      ...plannedCall(plan, state),
      ...(inbox.length > 0 && { inbox }),
      ...(firstTimeOf.length > 0 && { firstTimeOf }),
      ...(failedHops.length > 0 && { failedHops }),
      ...(budget !== undefined && { budget }),
      ...(isLast && { wrapUp: true as const }),
      ...(state.models.wait !== null && { probe: true as const }),
      ...(window !== undefined && { window }),
    },
  }
}

/** Parts of the plan that activities of an earlier release read in their input. Today's look them up, which keeps history short. */
function plannedCall(plan: WorkflowPlan, state: RunState): Partial<PlannedModelCall> {
  const whole = wholePlan(plan)
  if (whole === null) return {}
  const { prompt, tools, ...chains } = currentAgent(whole, state)
  const model = hopsOf(chains)[state.turn.hop]
  const isLast = state.budget.mode === 'finishing'
  return {
    prompt,
    ...(model !== undefined && { model }),
    tools: isLast ? [] : tools.map(({ name }) => name),
  }
}

function asksForFirstTime({ approval }: PlannedTool): boolean {
  return approval.rules.some(({ when }) => typeof when === 'object' && 'firstTime' in when)
}
