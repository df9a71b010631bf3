import type { Command } from '../../../../src/workflows/state/command.ts'
import { REDUCER } from '../reducer.ts'
import { afterEach, afterIssued, eachCommand, testMutations, withBudget } from './mutate.ts'

type RunChild = Extract<Command, { type: 'run_child' }>

testMutations({
  'keeps the run from whom it is handed to': {
    noticed: /the agent that has the run is asked/,
    reducer: { decide: (plan, state) => REDUCER.decide(plan, { ...state, speaker: null }) },
  },
  'says of a call what the plan says of it': {
    noticed: /what the plan says of a call is looked up/,
    reducer: {
      decide: eachCommand('call_model', (command) => ({
        ...command,
        input: { ...command.input, tools: [] },
      })),
    },
  },
  'is handed over by a call that the policy denies': {
    noticed: /told of a handoff where there is one|the agent that has the run is asked/,
    reducer: {
      apply: afterEach('model_answered', (state, plan) => ({
        ...state,
        calls: state.calls.map((call) => {
          const tool = plan.tools.find(({ name }) => name === call.tool)
          return tool?.execution === 'handoff' && call.refusal === 'tool_denied'
            ? { ...call, handsTo: tool.to ?? null }
            : call
        }),
      })),
    },
  },
  'forgets who has the run when it hands over to a fresh execution': {
    noticed: /the agent that has the run is asked/,
    reducer: { apply: afterIssued('continue_as_new', (state) => ({ ...state, speaker: null })) },
  },
  'makes two handoffs of one answer': {
    noticed: /told of a handoff where there is one|the agent that has the run is asked/,
    reducer: {
      apply: afterEach('model_answered', (state, plan) => ({
        ...state,
        calls: state.calls.map((call) => {
          const tool = plan.tools.find(({ name }) => name === call.tool)
          return call.refusal === 'tool_handed_off'
            ? { ...call, refusal: null, handsTo: tool?.to ?? null }
            : call
        }),
      })),
    },
  },

  'begins a sub-agent that the policy denies': {
    noticed: /a denied call is never run/,
    reducer: {
      apply: afterEach('model_answered', (state, plan) => ({
        ...state,
        calls: state.calls.map((call) => {
          const isChild = plan.tools.some(
            ({ name, execution }) => name === call.tool && execution === 'child',
          )
          return isChild && call.stage === 'refused' ? { ...call, stage: 'ready' as const } : call
        }),
      })),
    },
  },
  'begins a sub-agent again that has ended': {
    noticed: /a call that ended is not made again|begun once/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'child_finished' || state.ending !== null) {
          return REDUCER.apply(plan, state, occurrence, nowMs)
        }
        const { index } = occurrence
        const calls = state.calls.map((call) =>
          call.index === index ? { ...call, stage: 'ready' as const } : call,
        )
        return { ...state, calls }
      },
    },
  },
  'begins a sub-agent without the rules that came in later': {
    noticed: /a sub-agent is under the rules that came in later/,
    reducer: { decide: eachCommand('run_child', (command) => withInput(command, { tightened: [] })) },
  },
  'gives a sub-agent its share out of nothing': {
    noticed: /what is spent, held and unknown never passes what people allow|is held to its share/,
    reducer: {
      decide: eachCommand('run_child', ({ input: { limits: _, ...input }, ...command }) => ({
        ...command,
        input,
      })),
    },
  },
  'lets a sub-agent make as many tool calls as it likes': {
    noticed: /no more tool calls than its budget allows|a sub-agent is held to its share/,
    reducer: {
      decide: eachCommand('run_child', ({ input: { maxToolCalls: _, ...input }, ...command }) => ({
        ...command,
        input,
      })),
    },
  },
  'holds a sub-agent without a budget to nothing': {
    noticed: /a sub-agent is held to its share|no more tool calls than its budget allows|never passes/,
    reducer: { decide: eachCommand('run_child', (command) => withInput(command, { isLimited: false })) },
  },
  "keeps a sub-agent's share of tool calls": {
    noticed: /tool calls are reached when they are made|no more tool calls than its budget allows/,
    reducer: {
      apply: afterEach('child_finished', (state, _plan, before) =>
        withBudget(state, { toolCalls: before.budget.toolCalls }),
      ),
    },
  },
  'counts a sub-agent that was not begun': {
    noticed:
      /tool calls are reached when they are made|a call that nothing keeps is made|keeps what it has called/,
    reducer: {
      apply: afterEach('child_withheld', (state, _plan, before) =>
        withBudget(state, { toolCalls: before.budget.toolCalls }),
      ),
    },
  },
  'waits for what can never be begun': {
    noticed:
      /what can never be begun is not (waited for|tried again)|the last call comes when a limit is met/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'child_withheld') return REDUCER.apply(plan, state, occurrence, nowMs)
        const { never: _, ...other } = occurrence
        return REDUCER.apply(plan, state, other, nowMs)
      },
    },
  },
  'waits on when a share has come back': {
    noticed: /a call that nothing keeps is made|notices are in order|while a kill switch is on/,
    reducer: {
      apply: afterEach('child_finished', (state, _plan, before) =>
        withBudget(state, { pause: before.budget.pause }),
      ),
    },
  },
  'does not count what a sub-agent used': {
    noticed: /every answer is counted, to the token/,
    reducer: {
      apply: afterEach('child_finished', (state, _plan, before) => ({ ...state, usage: before.usage })),
    },
  },
  'lets its clock run while a sub-agent waits for a person': {
    noticed: /a run does not expire before its own time is up|active time is reached when it has passed/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        occurrence.type === 'child_waits' ? state : REDUCER.apply(plan, state, occurrence, nowMs),
    },
  },
})

function withInput(command: RunChild, change: Partial<RunChild['input']>): RunChild {
  return { ...command, input: { ...command.input, ...change } }
}
