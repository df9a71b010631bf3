import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../../../contracts/tools/tool.ts'
import type { RunState } from '../run-state.ts'
import { refuseCall } from './allow-call.ts'
import { ruleApplies, withApproval } from './apply-decision.ts'
import type { CallState } from './call-state.ts'
import { askPerson } from './judge-call.ts'

/** Adds a stricter rule to the run, and applies it to the calls that have not begun. It never makes the policy of a call looser. */
export function tightenCalls(
  plan: WorkflowPlan,
  state: RunState,
  rule: TightenedRule,
  nowMs: number,
): RunState {
  const after: RunState = { ...state, tightened: [...state.tightened, rule] }
  return {
    ...after,
    calls: after.calls.map((call) =>
      ruleApplies(rule, call) && NOT_BEGUN.has(call.stage)
        ? tightenCall(plan, after, call, rule, nowMs)
        : call,
    ),
  }
}

const NOT_BEGUN: ReadonlySet<CallState['stage']> = new Set([
  'to_look_up',
  'ready',
  'unasked',
  'asking',
  'waiting',
])

function tightenCall(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  rule: TightenedRule,
  nowMs: number,
): CallState {
  if (rule.verdict === 'deny') {
    const isAsked = call.stage === 'asking' || call.stage === 'waiting'
    if (!isAsked || call.approval === null) return refuseCall(call, 'tool_denied', 'tightened')
    if (call.approval.outcome !== null) return call
    const at = new Date(nowMs).toISOString()
    return withApproval(call, { ...call.approval, outcome: { status: 'rejected', by: 'policy', at } })
  }
  // A call that a person has approved already stays approved.
  if (call.stage !== 'ready' || call.approval !== null) return call
  return askPerson(plan, state, { ...call, rule: 'tightened' }, nowMs)
}
