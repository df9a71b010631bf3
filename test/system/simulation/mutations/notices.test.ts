import { afterEach, afterIssued, eachCommand, testMutations, withBudget } from './mutate.ts'

testMutations({
  'puts a notice on the record again': {
    noticed: /each notice is put on the record once|notices are in order/,
    reducer: {
      apply: afterIssued('record_budget', (state, _plan, before) =>
        withBudget(state, { unrecorded: before.budget.unrecorded.slice(0, 1) }),
      ),
    },
  },
  'loses notices when it ends': {
    noticed: /no notice is lost/,
    reducer: { apply: afterEach('cancel_requested', (state) => withBudget(state, { unrecorded: [] })) },
  },
  'loses notices that come while others are put on the record': {
    noticed: /each notice is put on the record once|no notice is lost/,
    reducer: { apply: afterEach('budget_noted', (state) => withBudget(state, { unrecorded: [] })) },
  },
  'puts notices on the record in another order': {
    noticed: /notices are in order/,
    reducer: {
      decide: eachCommand('record_budget', (command) => ({
        ...command,
        input: { ...command.input, notices: command.input.notices.toReversed() },
      })),
    },
  },
  'says nothing of its wait': {
    noticed: /a run that waits says so on the record/,
    reducer: {
      decide: eachCommand('record_budget', ({ input: { waits: _, ...input }, type }) => ({ type, input })),
    },
  },
  'does not say that it goes on': {
    noticed: /a run that goes on says so on the record|no notice is lost|in order|once/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = afterEach('none', (same) => same)(plan, state, occurrence, nowMs)
        const { unrecorded, progress } = next.budget
        const kept = unrecorded.filter((notice) => notice !== 'resumed')
        return withBudget(next, { unrecorded: kept, progress: progress - (unrecorded.length - kept.length) })
      },
    },
  },
  'tells of the threshold with every answer': {
    noticed: /notices are in order/,
    reducer: { apply: afterEach('model_answered', (state) => withBudget(state, { softTold: false })) },
  },
})
