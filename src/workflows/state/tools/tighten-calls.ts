import type { TightenedRule } from '../../../contracts/tool.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'
import { refuse } from './clear-call.ts'
import { isAbout, withApproval } from './decided-call.ts'
import { asked } from './judge-call.ts'

/** A stricter rule meets the calls that have not begun. What is looser, it leaves alone. */
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
      isAbout(rule, call) && NOT_BEGUN.has(call.stage) ? stricter(plan, after, call, rule, nowMs) : call,
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
