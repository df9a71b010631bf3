import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BudgetChange, BudgetReached } from '../../src/contracts/budgets/budget.ts'
import { changedLimits, LARGEST } from '../../src/contracts/budgets/changed-limits.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { withSpent } from '../../src/workflows/state/budgets/apply-budget-change.ts'
import { RECHECK_HELD_AFTER_MS } from '../../src/workflows/state/budgets/budget-pause.ts'
import { bookedLimits, hopBudget } from '../../src/workflows/state/budgets/usable-limits.ts'
import { nextAlarm } from '../../src/workflows/state/clock.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, model, plan, thinking } from './small-plan.ts'

const COST = { scope: 'run', limit: 'cost', allowed: 100, used: 90 } as const satisfies BudgetReached
const DAY = {
  scope: 'tenant',
  limit: 'cost',
  period: 'day',
  allowed: 100,
  used: 100,
  resetsAt: '1970-01-01T00:00:20.000Z',
} as const satisfies BudgetReached

const NONSENSE: readonly Omit<BudgetChange, 'by'>[] = [
  {},
  { limits: {} },
  { limits: { maxTokens: 0 } },
  { limits: { maxTokens: -1 } },
  { limits: { maxTokens: 1.5 } },
  { limits: { maxTokens: Number.NaN } },
  { add: { maxTokens: 0 } },
  { add: { maxTokens: -1 } },
  { add: { maxSteps: 1 } },
  { add: { maxTokens: Number.MAX_SAFE_INTEGER } },
  JSON.parse('{ "limits": { "maxTokens": "50" } }'),
  JSON.parse('{ "limits": { "maxTokens": 50, "maxLuck": 1 } }'),
  JSON.parse('{ "add": { "__proto__": 1 } }'),
]

for (const change of NONSENSE) {
  test(`a change of the budget by ${JSON.stringify(change)} is none`, () => {
    assert.equal(changedLimits(plan(), { maxTokens: 100 }, { ...change, by: 'bob' }), null)
  })
}

test('a change replaces the limits that it names and raises those that it adds to', () => {
  const current = { maxTokens: 100, maxSteps: 3 }
  assert.deepEqual(
    changedLimits(plan(), current, { by: 'bob', limits: { maxTokens: 5 }, add: { maxSteps: 2 } }),
    {
      maxTokens: 5,
      maxSteps: 5,
    },
  )
  assert.deepEqual(
    changedLimits(plan(), current, { by: 'bob', limits: { maxTokens: 5 }, add: { maxTokens: 2 } }),
    {
      maxTokens: 7,
      maxSteps: 3,
    },
  )
})

test('an addition makes no limit larger than it can be, except in runs that may have taken in more', () => {
  for (const [limit, largest] of Object.entries(LARGEST)) {
    const current = { [limit]: largest - 5 }
    const add = (more: number) => ({ by: 'bob', add: { [limit]: more } })
    assert.deepEqual(changedLimits(plan(), current, add(5)), { [limit]: largest })
    assert.equal(changedLimits(plan(), current, add(6)), null)
    assert.equal(changedLimits(plan(), {}, { by: 'bob', limits: { [limit]: largest + 1 } }), null)
    assert.deepEqual(changedLimits({ format: 2 }, current, add(6)), { [limit]: largest + 1 })
  }
})

test('the same change again, by its id, is made once', () => {
  const limited = plan({ budget: budget({ limits: { maxTokens: 100 } }) })
  const change: BudgetChange = { id: 'chg_1', add: { maxTokens: 50 }, by: 'bob' }
  const once = apply(limited, thinking(limited), { type: 'budget_changed', change }, 0)
  const twice = apply(limited, once, { type: 'budget_changed', change }, 0)
  assert.equal(twice.budget.limits.maxTokens, 150)
  assert.deepEqual(twice.budget.unrecorded, ['changed'])
})

test('changes that are recorded together are each recorded with who made them, and once', () => {
  const limited = plan({ budget: budget({ limits: { maxTokens: 100 } }) })
  const change = (state: RunState, by: string) =>
    apply(limited, state, { type: 'budget_changed', change: { by, add: { maxTokens: 1 } } }, 0)
  const recorded = (state: RunState) => decide(limited, state).find(({ type }) => type === 'record_budget')

  const both = change(change(thinking(limited), 'ann'), 'bob')
  const command = recorded(both)
  assert.ok(command?.type === 'record_budget')
  assert.deepEqual(command.input.changedBy, ['ann', 'bob'])
  const next = change(apply(limited, both, { type: 'issued', command }, 0), 'cat')
  const after = recorded(apply(limited, next, { type: 'budget_noted' }, 0))
  assert.ok(after?.type === 'record_budget')
  assert.deepEqual(after.input.changedBy, ['cat'])
})

test('a hop of a run without a budget is held to none, until somebody sets one', () => {
  const free = plan()
  assert.equal(hopBudget(free, thinking(free)), undefined)
  const change: BudgetChange = { limits: { maxTokens: 50 }, by: 'bob' }
  const set = apply(free, thinking(free), { type: 'budget_changed', change }, 0)
  assert.deepEqual(hopBudget(free, set)?.limits, { maxTokens: 50 })
})

for (const onReached of ['degrade', 'finish'] as const) {
  test(`with ${onReached} the usual way leaves a share of every amount, and one of every count`, () => {
    const limits = { maxCostMicroUsd: 101, maxTokens: 10, maxModelCalls: 5 }
    const short = plan({ budget: budget({ limits, onReached, softRatio: 0.5 }) })
    const state = thinking(short)
    assert.deepEqual(bookedLimits(short, state), { maxCostMicroUsd: 50, maxTokens: 5, maxModelCalls: 4 })
    const last: RunState = { ...state, budget: { ...state.budget, mode: 'finishing' } }
    assert.deepEqual(bookedLimits(short, last), limits)
  })
}

test('a run that waits asks for nothing, takes none of its own time, and ends when nobody comes', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 } }) })
  const waiting = hopWithheld(short, COST, 10)
  assert.deepEqual(kinds(short, waiting), ['record_budget'])
  assert.equal(waiting.clock.runningSinceMs, null)
  assert.equal(nextAlarm(short, waiting), 1_010)
  const expired = apply(short, waiting, { type: 'alarm' }, 1_010)
  assert.deepEqual(expired.ending, { status: 'expired', reason: 'budget', rest: {} })
})

test('what only calls under way are in the way of is asked for again in a moment', () => {
  const free = plan({ budget: budget({ lookAgainMs: 60_000, pauseMs: 100_000 }) })
  const day = { ...DAY, resetsAt: '1970-01-02T00:00:00.000Z' }
  assert.equal(nextAlarm(free, hopWithheld(free, day, 10)), 60_010)
  const waiting = hopWithheld(free, { ...day, momentary: true }, 10)
  assert.equal(nextAlarm(free, waiting), 10 + RECHECK_HELD_AFTER_MS)
  const looking = apply(free, waiting, { type: 'alarm' }, 10 + RECHECK_HELD_AFTER_MS)
  assert.ok(decide(free, looking).some(({ type }) => type === 'call_model'))
})

test('a top-up lets a run go on in the same step, at the same place', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 } }) })
  const [asked] = decide(short, thinking(short))
  const change: BudgetChange = { add: { maxCostMicroUsd: 100 }, by: 'bob' }
  const after = apply(short, hopWithheld(short, COST, 10), { type: 'budget_changed', change }, 20)
  const again = decide(short, after).find(({ type }) => type === 'call_model')
  assert.ok(asked?.type === 'call_model' && again?.type === 'call_model')
  assert.deepEqual({ ...again.input, budget: null }, { ...asked.input, budget: null })
  assert.deepEqual(again.input.budget?.limits, { maxCostMicroUsd: 200 })
  assert.deepEqual(after.budget.unrecorded, ['reached', 'changed', 'resumed'])
})

test('a store that holds the run to less than the run knows of is not asked over and over', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 } }) })
  const asked = { maxCostMicroUsd: 100 }
  const after = apply(
    short,
    running(short),
    { type: 'model_withheld', reached: { ...COST, allowed: 60 }, asked },
    10,
  )
  assert.equal(after.budget.pause?.reached.allowed, 60)
})

test('a top-up that came while the hop was asked for lets it be asked for again', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 } }) })
  const change: BudgetChange = { add: { maxCostMicroUsd: 100 }, by: 'bob' }
  const raised = apply(short, running(short), { type: 'budget_changed', change }, 5)
  const after = apply(
    short,
    raised,
    { type: 'model_withheld', reached: COST, asked: { maxCostMicroUsd: 100 } },
    10,
  )
  assert.equal(after.budget.pause, null)
  assert.ok(kinds(short, after).includes('call_model'))
})

test('a run that waits for a shared budget looks again when the period ends, and its wait does not begin anew', () => {
  const short = plan({ budget: budget({ lookAgainMs: 60_000 }) })
  const waiting = hopWithheld(short, DAY, 10)
  assert.equal(nextAlarm(short, waiting), 20_000)
  const looking = apply(short, waiting, { type: 'alarm' }, 20_000)
  assert.ok(kinds(short, looking).includes('call_model'))
  const again = apply(short, issue(short, looking), { type: 'model_withheld', reached: DAY }, 20_500)
  assert.equal(again.budget.pause?.expiresAtMs, 21_000)
  assert.equal(nextAlarm(short, again), 21_000)
})

test('a kill switch keeps a run from looking, even when it is thrown at the same moment', () => {
  const short = plan({ budget: budget({}) })
  const told = apply(short, hopWithheld(short, DAY, 10), { type: 'look_again' }, 20)
  const off = apply(short, told, { type: 'kill_switch', scope: 'tenant', on: true }, 20)
  assert.ok(!kinds(short, off).includes('call_model'))
  const on = apply(short, off, { type: 'kill_switch', scope: 'tenant', on: false }, 30)
  assert.ok(kinds(short, on).includes('call_model'))
})

test('degrade goes over to the cheaper chain in the same step, and its last call stays there', () => {
  const cheaperChain = [model('cheap')]
  const short = plan({
    ...agent('triage', { cheaperChain }),
    budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'degrade' }),
  })
  const degraded = hopWithheld(short, { ...COST, allowed: 80 }, 10)
  const [, cheap] = decide(short, degraded)
  assert.ok(cheap?.type === 'call_model')
  assert.deepEqual([cheap.input.step, cheap.input.hop, cheap.model], [1, 2, 'cheap'])
  const finishing = apply(short, issue(short, degraded), { type: 'model_withheld', reached: COST }, 20)
  const last = decide(short, finishing).find(({ type }) => type === 'call_model')
  assert.ok(last?.type === 'call_model')
  assert.deepEqual([last.input.hop, last.input.wrapUp], [2, true])
  assert.deepEqual(finishing.budget.unrecorded.slice(-2), ['reached', 'finishing'])
})

test('a last call that does not fit either tells what there is, and its step is not told', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'finish' }) })
  const finishing = hopWithheld(short, { ...COST, allowed: 80 }, 10)
  const over = apply(short, issue(short, finishing), { type: 'model_withheld', reached: COST }, 20)
  assert.deepEqual(over.ending, { status: 'incomplete', reason: 'budget', rest: {} })
  const noted = (state: RunState) => apply(short, state, { type: 'budget_noted' }, 20)
  const [close] = decide(short, noted(issue(short, noted(over))))
  assert.ok(close?.type === 'close_run')
  assert.equal(close.input.steps, 0)
  assert.deepEqual(close.input.answer, { seq: 1, fromRecord: true })
})

test('a budget that fails, and a shared one that refuses, end the run', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'fail' }) })
  const ending = { status: 'failed', reason: 'budget', error: 'budget_reached', rest: {} }
  assert.deepEqual(hopWithheld(short, COST, 10).ending, ending)
  assert.deepEqual(hopWithheld(plan(), { ...DAY, refuse: true }, 10).ending, ending)
})

test('a wait that has ended is not taken up again by a late look', () => {
  const short = plan({ budget: budget({}) })
  const over = apply(short, hopWithheld(short, DAY, 10), { type: 'cancel_requested' }, 20)
  const late = apply(short, over, { type: 'look_again' }, 30)
  assert.deepEqual(late.budget.unrecorded, ['reached'])
  assert.equal(late.budget.pause?.probing, false)
})

/** The state once all that it wants begun is under way. */
function issue(of: ReturnType<typeof plan>, state: RunState): RunState {
  return decide(of, state).reduce((so, command) => apply(of, so, { type: 'issued', command }, 0), state)
}

function running(of: ReturnType<typeof plan>): RunState {
  return issue(of, thinking(of))
}

function hopWithheld(of: ReturnType<typeof plan>, reached: BudgetReached, nowMs: number): RunState {
  return apply(of, running(of), { type: 'model_withheld', reached }, nowMs)
}

function kinds(of: ReturnType<typeof plan>, state: RunState): string[] {
  return decide(of, state).map(({ type }) => type)
}

test('a threshold is told with the limit that it is about, whatever was reached before', () => {
  const limited = plan({ budget: budget({ limits: { maxCostMicroUsd: 1_000, maxTokens: 100 } }) })
  const idle = thinking(limited)
  const before: RunState = { ...idle, budget: { ...idle.budget, reached: DAY } }
  const spent = { costMicroUsd: 10, unknownMicroUsd: 0, tokens: 85, modelCalls: 1 }
  const [notice] = decide(limited, withSpent(limited, before, spent))
  assert.ok(notice?.type === 'record_budget')
  assert.deepEqual(notice.input.notices, ['threshold'])
  assert.deepEqual(notice.input.threshold, { scope: 'run', limit: 'tokens', allowed: 100, used: 85 })
})
