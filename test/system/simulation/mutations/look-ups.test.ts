import type { WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import type { PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import { REDUCER } from '../reducer.ts'
import { afterEach, eachCall, testMutations } from './mutate.ts'

testMutations({
  'makes a call before its facts are known': {
    noticed: /made only when its facts are known/,
    reducer: {
      apply: afterEach('model_answered', (state) => eachCall(state, 'to_look_up', { stage: 'ready' })),
    },
  },
  'ignores a rule about a fact': {
    noticed: /runs only when approved|a denied call is never run/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const isLookUp = occurrence.type === 'call_looked_up'
        return REDUCER.apply(isLookUp ? eachTool(plan, withoutFactRules) : plan, state, occurrence, nowMs)
      },
    },
  },
  'asks without having asked the tool whom': {
    noticed: /asked when it is known whom/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(eachTool(plan, withoutApprovers), state, occurrence, nowMs),
    },
  },
  'ignores whom the tool has named': {
    noticed: /only approvers decide/,
    reducer: {
      apply: afterEach('call_looked_up', (state) => ({
        ...state,
        calls: state.calls.map((call) =>
          call.approval === null
            ? call
            : { ...call, approval: { ...call.approval, approvers: [], principals: [] } },
        ),
      })),
    },
  },
  'takes a decision about other facts': {
    noticed: /about the arguments shown/,
    reducer: {
      checkDecision: (plan, run, state, decision, found) => {
        const against = REDUCER.checkDecision(plan, run, state, decision, found)
        return against === 'stale' ? null : against
      },
    },
  },
  'takes an edit whatever is found out about it': {
    noticed: /an edit makes no call that/,
    reducer: {
      checkDecision: (plan, run, state, decision, found) => {
        const against = REDUCER.checkDecision(plan, run, state, decision, found)
        return against === 'edit_beyond_policy' ? null : against
      },
    },
  },
  'looks a call up again and again': {
    noticed: /only what is not known is looked up|looked up before it is made, and once/,
    reducer: {
      apply: afterEach('call_looked_up', (state, _plan, before) => ({
        ...state,
        calls: state.calls.map((call) => {
          const was = before.calls.find(({ index }) => index === call.index)
          return was?.stage === 'looking_up' && call.stage === 'ready'
            ? { ...call, stage: 'to_look_up' }
            : call
        }),
      })),
    },
  },
  'looks something up once the end is decided': {
    noticed: /nothing is looked up once the end is decided/,
    reducer: {
      decide: (plan, state) => {
        const wanted = REDUCER.decide(plan, state)
        if (state.ending === null || state.phase !== 'acting' || state.bookkeeping !== 'none') return wanted
        const more = REDUCER.decide(plan, { ...state, ending: null }).filter(
          ({ type }) => type === 'look_up_call',
        )
        return more.length > 0 ? more : wanted
      },
    },
  },
})

function eachTool(plan: WorkflowPlan, change: (tool: PlannedTool) => PlannedTool): WorkflowPlan {
  const { specialists = {} } = plan
  return {
    ...plan,
    tools: plan.tools.map(change),
    specialists: Object.fromEntries(
      Object.entries(specialists).map(([name, agent]) => [
        name,
        { ...agent, tools: agent.tools.map(change) },
      ]),
    ),
  }
}

function withoutFactRules(tool: PlannedTool): PlannedTool {
  const { rules } = tool.approval
  const kept = rules.filter(({ when }) => typeof when !== 'object' || !('fact' in when))
  return { ...tool, approval: { ...tool.approval, rules: kept } }
}

function withoutApprovers({ approvers: _, ...tool }: PlannedTool): PlannedTool {
  return tool
}
