import { WHOLE_TRANSCRIPT } from '../../../../src/workflows/state/models/context-state.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { REDUCER } from '../reducer.ts'
import { afterEach, afterIssued, eachCommand, testMutations } from './mutate.ts'

const withContext = (state: RunState, change: Partial<RunState['context']>): RunState => ({
  ...state,
  context: { ...state.context, ...change },
})

testMutations({
  'compacts a transcript without end': {
    noticed: /a step compacts its transcript twice at most/,
    reducer: {
      apply: afterIssued('compact', (state) => withContext(state, { last: { step: 0, count: 0 } })),
    },
  },
  'begins a second compaction beside the first': {
    noticed: /one compaction at a time|no model is asked while the transcript is being compacted/,
    reducer: { apply: afterIssued('compact', (state) => withContext(state, { stage: 'idle' })) },
  },
  'sends a request again that was too long': {
    noticed: /a request that was too long is not sent again as it was/,
    reducer: { apply: afterEach('model_too_long', (state) => withContext(state, { due: null })) },
  },
  'shows the whole transcript after a compaction': {
    noticed: /a model is shown the window that was decided last/,
    reducer: {
      decide: eachCommand('call_model', ({ input: { window: _, ...input }, ...command }) => ({
        ...command,
        input,
      })),
    },
  },
  'forgets its windows when it hands over': {
    noticed: /a model is shown the window that was decided last|windows are counted/,
    reducer: {
      apply: afterIssued('continue_as_new', (state) => ({ ...state, context: WHOLE_TRANSCRIPT })),
    },
  },
  'forgets its windows when it is resumed': {
    noticed: /a model is shown the window that was decided last|windows are counted/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        context: WHOLE_TRANSCRIPT,
      }),
    },
  },
  'compacts one agent’s transcript for another': {
    noticed: /the transcript of the agent that has the run is compacted/,
    reducer: {
      decide: eachCommand('compact', (command, plan) => ({
        ...command,
        input: { ...command.input, agent: plan.agent.name },
      })),
    },
  },
  'compacts a transcript for no reason': {
    noticed: /a transcript is compacted for a reason/,
    reducer: {
      apply: afterEach('model_answered', (state, plan) =>
        withContext(state, { measured: { agent: plan.agent.name, tokens: 1_000_000 } }),
      ),
    },
  },
  'does not count what a summary costs': {
    noticed: /every answer is counted, to the token/,
    reducer: { apply: afterEach('compacted', (state, _plan, before) => ({ ...state, usage: before.usage })) },
  },
  'ends while its transcript is being compacted': {
    noticed: /no run is closed while its transcript is being compacted/,
    reducer: {
      apply: afterEach('cancel_requested', (state) => withContext(state, { stage: 'idle' })),
    },
  },
  'waits for a compaction that has ended': {
    noticed: /The run waits for nothing|The run does not end|a run that nothing keeps goes on/,
    reducer: { apply: afterEach('compacted', (state) => withContext(state, { stage: 'running' })) },
  },
})
