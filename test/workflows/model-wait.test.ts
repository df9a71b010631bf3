import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorCode } from '../../src/contracts/error-codes.ts'
import type { RunPlan, WhenNoModel } from '../../src/contracts/runs/plan.ts'
import { toWorkflowPlan, type WorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { hopBudget } from '../../src/workflows/state/budgets/usable-limits.ts'
import { nextAlarm } from '../../src/workflows/state/clock.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import { isResumable } from '../../src/workflows/state/endings.ts'
import { spacingMs } from '../../src/workflows/state/models/model-wait.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, model, plan, thinking } from './small-plan.ts'

const HOUR_MS = 3_600_000

test('a run whose agent answers ends with its degraded words when no model answers', () => {
  const after = failed(waiting('answer'), ['model_overloaded', 'model_timed_out'])
  assert.deepEqual(after.ending, {
    status: 'incomplete',
    reason: 'models_unavailable',
    rest: { text: 'Sorry.' },
  })
})

test('a run waits after each kind of timeout, since a provider that is slow now may be back later', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const timeouts = [
    'model_connect_timed_out',
    'model_timed_out',
    'model_stalled',
    'model_call_timed_out',
  ] as const satisfies readonly ErrorCode[]
  for (const code of timeouts) {
    const after = failed(patient, ['model_request_refused', code])
    assert.equal(after.ending, null, code)
    assert.notEqual(after.models.wait, null, code)
  }
})

test('a run whose history does not have those words names the agent whose they are', () => {
  const after = failed(toWorkflowPlan(waiting('answer')), ['model_overloaded', 'model_timed_out'])
  assert.deepEqual(after.ending?.rest, { degradedOf: 'triage' })
})

test('a run whose agent waits does not end: it says so on the record, and its own clock stands', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const after = failed(patient, ['model_overloaded', 'model_unauthorized'])
  assert.equal(after.ending, null)
  assert.equal(after.clock.runningSinceMs, null)
  const [record, ...others] = decide(patient, after)
  assert.ok(record?.type === 'record_model_wait')
  assert.deepEqual(others, [])
  assert.deepEqual(record.input.notices, ['away'])
  assert.deepEqual(
    record.input.failedHops?.map(({ code }) => code),
    ['model_overloaded', 'model_unauthorized'],
  )
  assert.deepEqual(record.input.waits, {
    since: new Date(10).toISOString(),
    until: new Date(10 + HOUR_MS).toISOString(),
  })
})

test('it tries the chain from its first link, each link once, and goes on in the same step when one answers', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const [asked] = decide(patient, thinking(patient))
  const due = tried(patient, failed(patient, ['model_overloaded', 'model_overloaded']))
  const [probe] = decide(patient, due).filter(({ type }) => type === 'call_model')
  assert.ok(asked?.type === 'call_model' && probe?.type === 'call_model')
  assert.deepEqual(probe.input, { ...asked.input, probe: true })
  const answered = apply(patient, issue(patient, due), answer(), 20_000)
  assert.deepEqual([answered.ending?.status, answered.step], ['completed', 1])
  assert.deepEqual(answered.models.unrecorded, ['returned'])
})

test('tries are further apart from time to time, and not together with those of other runs', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  let state = failed(patient, ['model_overloaded', 'model_overloaded'])
  let nowMs = 10
  const spacings: number[] = []
  for (let tries = 0; tries < 6; tries += 1) {
    const atMs = nextAlarm(patient, state) ?? Number.NaN
    spacings.push(atMs - nowMs)
    nowMs = atMs
    state = apply(patient, state, { type: 'alarm' }, nowMs)
    for (const code of ['model_overloaded', 'model_overloaded'] as const) {
      state = apply(patient, issue(patient, state), { type: 'model_failed', code }, nowMs)
    }
  }
  for (const [tries, spacing] of spacings.entries()) {
    const most = Math.min(15_000 * 2 ** tries, 120_000)
    assert.ok(spacing >= most / 2 && spacing <= most, `${spacing} ms before try ${tries + 1}`)
  }
  const firsts = Array.from({ length: 500 }, (_, index) => spacingMs(`run_${index}`, 0))
  const [least = 0, most = 0] = [Math.min(...firsts), Math.max(...firsts)]
  const perSecond = Map.groupBy(firsts, (ms) => Math.floor(ms / 1_000))
  assert.ok(least < 8_000 && most > 14_500)
  assert.ok([...perSecond.values()].every((runs) => runs.length < 150))
})

test('an outage does not use up a limit of model calls', () => {
  const patient = { ...waiting({ waitMs: HOUR_MS }), budget: budget({ limits: { maxModelCalls: 3 } }) }
  let state = failed(patient, ['model_overloaded', 'model_overloaded'])
  for (let tries = 0; tries < 5; tries += 1) {
    state = tried(patient, state)
    for (const code of ['model_overloaded', 'model_overloaded'] as const)
      state = apply(patient, issue(patient, state), { type: 'model_failed', code }, 20)
  }
  assert.deepEqual(hopBudget(patient, state)?.limits, { maxModelCalls: 3 + 10 })
})

test('a call that was held back before it was booked leaves the limit of model calls as it is', () => {
  const patient = { ...waiting({ waitMs: HOUR_MS }), budget: budget({ limits: { maxModelCalls: 3 } }) }
  for (const code of ['model_busy', 'model_held_back', 'model_limit_reached'] as const) {
    let state = tried(patient, failed(patient, [code, code]))
    assert.equal(state.ending, null, 'it is waited for')
    for (const _ of [1, 2]) state = apply(patient, issue(patient, state), { type: 'model_failed', code }, 20)
    assert.deepEqual(hopBudget(patient, state)?.limits, { maxModelCalls: 3 })
  }
})

test('a model whose circuit is open is waited for, and a try that booked nothing does not loosen a limit', () => {
  const patient = { ...waiting({ waitMs: HOUR_MS }), budget: budget({ limits: { maxModelCalls: 3 } }) }
  let state = failed(patient, ['model_circuit_open', 'model_circuit_open'])
  assert.notEqual(state.models.wait, null)
  state = tried(patient, state)
  for (const code of ['model_circuit_open', 'model_circuit_open'] as const)
    state = apply(patient, issue(patient, state), { type: 'model_failed', code }, 20)
  assert.notEqual(state.models.wait, null)
  assert.deepEqual(hopBudget(patient, state)?.limits, { maxModelCalls: 3 })
})

test('a run that is told of a model tries its chain now; told again while it tries, it goes on', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const waits = failed(patient, ['model_overloaded', 'model_overloaded'])
  const told = apply(patient, waits, { type: 'models_back' }, 1_000)
  assert.equal(told.models.wait?.probing, true)
  assert.equal(decide(patient, told).filter(({ type }) => type === 'call_model').length, 1)
  assert.deepEqual(apply(patient, told, { type: 'models_back' }, 1_001), told)
})

test('a run that does not wait for models is not changed by hearing of one', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const asks = thinking(patient)
  assert.deepEqual(apply(patient, asks, { type: 'models_back' }, 0), asks)
  const ended = apply(
    patient,
    failed(patient, ['model_overloaded', 'model_overloaded']),
    { type: 'cancel_requested' },
    20,
  )
  assert.deepEqual(apply(patient, ended, { type: 'models_back' }, 20), ended)
})

test('a wait ends as an answer would when its time is up', () => {
  const patient = waiting({ waitMs: 60_000 })
  let state = failed(patient, ['model_overloaded', 'model_overloaded'])
  for (let turns = 0; state.ending === null && turns < 50; turns += 1) {
    const atMs = nextAlarm(patient, state)
    assert.ok(atMs !== null && atMs <= 60_010)
    state = apply(patient, state, { type: 'alarm' }, atMs)
    while (state.models.wait?.probing && state.ending === null) {
      state = apply(patient, issue(patient, state), { type: 'model_failed', code: 'model_overloaded' }, atMs)
    }
  }
  assert.equal(state.ending?.reason, 'models_unavailable')
  assert.deepEqual(state.ending.rest, { text: 'Sorry.' })
})

for (const code of ['model_context_too_long', 'model_request_refused'] as const) {
  test(`what time does not mend (model_price_unknown, ${code}) is not waited for, and can be resumed`, () => {
    const { ending } = failed(waiting({ waitMs: HOUR_MS }), ['model_price_unknown', code])
    assert.equal(ending?.reason, 'models_unavailable')
    assert.ok(isResumable(ending))
  })
}

for (const [codes, reason] of [
  [['model_context_too_long', 'model_context_too_long'], 'context_too_long'],
  [['model_request_refused', 'model_request_refused'], 'request_refused'],
  [['model_context_too_long', 'model_request_refused'], 'request_refused'],
  [['model_request_refused', 'model_context_too_long'], 'request_refused'],
] as const) {
  test(`${codes.join(', ')}: the run ends as ${reason} at once, and cannot be resumed`, () => {
    for (const whenNoModel of ['answer', { waitMs: HOUR_MS }] as const) {
      const { ending } = failed(waiting(whenNoModel), codes)
      assert.deepEqual(ending, { status: 'incomplete', reason, rest: {} })
      assert.equal(isResumable(ending), false)
    }
    const older: RunPlan = { ...waiting('answer'), format: 3 }
    const { ending } = failed(older, codes)
    assert.deepEqual(ending, { status: 'incomplete', reason: 'models_unavailable', rest: { text: 'Sorry.' } })
  })
}

test('a wait ends at once when the models that are back do not take the request', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  let state = tried(patient, failed(patient, ['model_overloaded', 'model_overloaded']))
  for (const _ of [1, 2]) {
    state = apply(patient, issue(patient, state), { type: 'model_failed', code: 'model_request_refused' }, 20)
  }
  assert.deepEqual(state.ending, { status: 'incomplete', reason: 'request_refused', rest: {} })
})

for (const [codes, reason] of [
  [['model_price_unknown', 'model_price_unknown'], 'model_price_unknown'],
  [['model_key_missing', 'model_key_missing'], 'model_key_missing'],
  [['model_price_unknown', 'model_key_missing'], 'model_price_unknown'],
  [['model_key_missing', 'model_price_unknown'], 'model_key_missing'],
  [['model_price_unknown', 'model_overloaded'], 'models_unavailable'],
  [['model_unauthorized', 'model_key_missing'], 'models_unavailable'],
] as const) {
  test(`${codes.join(', ')}: the run ends as ${reason}, and can be resumed`, () => {
    const { ending } = failed(waiting('answer'), codes)
    assert.deepEqual(ending, { status: 'incomplete', reason, rest: { text: 'Sorry.' } })
    assert.ok(isResumable(ending))
  })
}

test('a run whose plan is older has one reason for all of them', () => {
  const older: RunPlan = { ...waiting('answer'), format: 2 }
  assert.equal(
    failed(older, ['model_price_unknown', 'model_price_unknown']).ending?.reason,
    'models_unavailable',
  )
})

test('a key that is missing is waited for, and is the reason when the wait is over', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const waits = failed(patient, ['model_key_missing', 'model_key_missing'])
  assert.equal(waits.ending, null)
  const after = apply(patient, waits, { type: 'alarm' }, 10 + HOUR_MS)
  assert.equal(after.ending?.reason, 'model_key_missing')
})

test('what one provider’s filter stops the next one is asked; a run ends as refused when all stop it', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const first = failed(patient, ['model_content_filtered'])
  assert.deepEqual([first.ending, first.turn.hop], [null, 1])
  const all = failed(patient, ['model_content_filtered', 'model_content_filtered'])
  assert.deepEqual(all.ending, { status: 'incomplete', reason: 'refusal', rest: {} })
  const others = failed(patient, ['model_content_filtered', 'model_request_refused'])
  assert.equal(others.ending?.reason, 'refusal')
  const older: RunPlan = { ...patient, format: 2 }
  assert.deepEqual(failed(older, ['model_content_filtered']).ending, {
    status: 'incomplete',
    reason: 'refusal',
  })
})

test('a specialist that says nothing waits as the agent does that the run began with', () => {
  const team = plan({
    whenNoModel: { waitMs: HOUR_MS },
    specialists: { billing: agent('billing', { chain: [model('one')] }) },
  })
  const handed: RunState = { ...thinking(team), speaker: 'billing' }
  const after = apply(team, issue(team, handed), { type: 'model_failed', code: 'model_overloaded' }, 10)
  assert.notEqual(after.models.wait, null)
})

test('messages and cancels reach a run that waits', () => {
  const patient = waiting({ waitMs: HOUR_MS })
  const away = failed(patient, ['model_overloaded', 'model_overloaded'])
  const told = apply(patient, away, { type: 'message_added', id: 'msg_1' }, 20)
  const answered = apply(patient, issue(patient, tried(patient, told)), answer(), 20_000)
  assert.deepEqual([answered.ending, answered.turn.inbox], [null, ['msg_1']])
  const cancelled = apply(patient, away, { type: 'cancel_requested' }, 20)
  assert.equal(cancelled.ending?.status, 'cancelled')
})

test('a budget that is reached meanwhile is waited for first', () => {
  const patient = { ...waiting({ waitMs: HOUR_MS }), budget: budget({ limits: { maxCostMicroUsd: 5 } }) }
  const due = tried(patient, failed(patient, ['model_overloaded', 'model_overloaded']))
  const reached = { scope: 'run', limit: 'cost', allowed: 5, used: 5 } as const
  const held = apply(patient, issue(patient, due), { type: 'model_withheld', reached }, 20_000)
  assert.ok(decide(patient, held).every(({ type }) => type !== 'call_model'))
  const change = { by: 'bob', add: { maxCostMicroUsd: 100 } }
  const raised = apply(patient, held, { type: 'budget_changed', change }, 20_001)
  assert.ok(decide(patient, raised).some(({ type }) => type === 'call_model'))
})

function waiting(whenNoModel: WhenNoModel): RunPlan {
  return plan({ whenNoModel })
}

/** The chain's links have failed with these codes, at 10. Nothing can be left out of a transcript that is too long. */
function failed(of: WorkflowPlan, codes: readonly ErrorCode[]): RunState {
  return codes.reduce<RunState>((state, code) => {
    const after = apply(of, issue(of, state), { type: 'model_failed', code }, 10)
    if (after.context.due === null) return after
    return apply(of, issue(of, after), { type: 'compacted', compaction: { unchanged: true } }, 10)
  }, thinking(of))
}

/** The time of the next try has come. */
function tried(of: WorkflowPlan, state: RunState): RunState {
  return apply(of, state, { type: 'alarm' }, nextAlarm(of, state) ?? Number.NaN)
}

function issue(of: WorkflowPlan, state: RunState): RunState {
  return decide(of, state).reduce(
    (after, command) => apply(of, after, { type: 'issued', command }, 10),
    state,
  )
}

function answer() {
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  const decision = {
    stop: 'end',
    toolCalls: [],
    usage,
    costMicroUsd: 1,
    servedBy: 'dear',
    preview: '',
  } as const
  return { type: 'model_answered', decision } as const
}
