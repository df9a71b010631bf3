import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OnReached } from '../../src/contracts/budgets/budget.ts'
import type { StopReason } from '../../src/contracts/models/model.ts'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import type { PendingToolCall } from '../../src/contracts/tools/tool.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import { type Resume, resumeRun } from '../../src/workflows/state/resume.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, plan, thinking, tool } from './small-plan.ts'

const LIMITS = { maxSteps: 2, deadlineMs: 100_000, historyEvents: 3_000, historyBytes: 2_000_000 }

test('at the limit of its plan a run ends with what there is', () => {
  const short = plan({ limits: LIMITS })
  const ended = asking(short, asking(short, thinking(short)))
  assert.deepEqual(ended.ending, { status: 'incomplete', reason: 'max_steps', rest: {} })
  const close = closing(short, ended)
  // After the answer, its call and the result of both steps.
  assert.deepEqual(close.answer, { seq: 5, fromRecord: true })
})

test('a paused answer is gone on with, in further steps of the plan and inside its limits', () => {
  const short = plan({ limits: LIMITS })
  const first = apply(short, issued(short, thinking(short)), answer([], 'pause'), 10)
  assert.deepEqual([first.ending, first.phase, first.step], [null, 'thinking', 2])
  const second = apply(short, issued(short, first), answer([]), 10)
  assert.deepEqual(second.ending, { status: 'completed', answer: { seq: 2 } })
  const paused = apply(short, issued(short, first), answer([], 'pause'), 10)
  assert.equal(paused.ending?.reason, 'max_steps')
})

for (const [onReached, end] of [
  ['pause', null],
  ['finish', null],
  ['fail', { status: 'failed', reason: 'budget', error: 'budget_reached', rest: {} }],
] as const satisfies [OnReached, object | null][]) {
  test(`a limit of steps in the budget counts in place of the plan's, and with ${onReached} it says what happens`, () => {
    const short = plan({ limits: LIMITS, budget: budget({ limits: { maxSteps: 4 }, onReached }) })
    let state = thinking(short)
    // With `finish` the last of them is kept for the last call.
    for (let step = 1; step <= (onReached === 'finish' ? 3 : 4); step += 1) {
      assert.equal(state.ending, null)
      state = asking(short, state)
    }
    assert.deepEqual(state.ending, end)
    assert.equal(state.budget.reached?.limit, 'steps')
    assert.equal(state.budget.pause !== null, onReached === 'pause')
    const last = decide(short, state).find(({ type }) => type === 'call_model')
    assert.equal(last?.type === 'call_model' && last.input.wrapUp === true, onReached === 'finish')
  })
}

test('in an older run the limit of the plan holds beside that of the budget', () => {
  const older = plan({ format: 2, limits: LIMITS, budget: budget({ limits: { maxSteps: 4 } }) })
  assert.equal(asking(older, asking(older, thinking(older))).ending?.reason, 'max_steps')
})

test('at its deadline a run ends with what there is, after the answer that was under way', () => {
  const quick = plan({ limits: { ...LIMITS, deadlineMs: 50 } })
  const [command] = decide(quick, thinking(quick))
  assert.ok(command)
  const running = apply(quick, thinking(quick), { type: 'issued', command }, 0)
  const due = apply(quick, running, { type: 'alarm' }, 50)
  assert.deepEqual(due.ending, { status: 'expired', reason: 'deadline', rest: {} })
  const stopping = apply(quick, due, { type: 'issued', command: { type: 'stop_model' } }, 50)
  const late = apply(quick, stopping, answer([]), 60)
  assert.deepEqual(closing(quick, late).answer, { seq: 2, fromRecord: true })
})

const TEAM = plan({
  tools: [
    tool('to_billing', { execution: 'handoff', to: 'billing' }),
    tool('to_returns', { execution: 'handoff', to: 'returns' }),
    tool('to_billing_if_asked', {
      execution: 'handoff',
      to: 'billing',
      approval: { rules: [], otherwise: 'ask' },
    }),
  ],
  specialists: { billing: agent('billing'), returns: agent('returns') },
})

test('of two handoffs in one answer the first is made, and the model is told that the other is not', () => {
  const after = apply(TEAM, issued(TEAM, thinking(TEAM)), answer(['to_billing', 'to_returns']), 10)
  const [note] = decide(TEAM, after)
  assert.ok(note?.type === 'note_results')
  const [first, second] = note.input.notes
  assert.deepEqual([first?.handoff, first?.code], ['billing', undefined])
  assert.deepEqual(
    [second?.handoff, second?.code, second?.handedTo],
    [undefined, 'tool_handed_off', 'billing'],
  )
  const noted = apply(TEAM, issued(TEAM, after), { type: 'results_noted', indexes: [0, 1] }, 20)
  assert.equal(noted.speaker, 'billing')
})

test('a handoff that a person clears after another one was made is not made', () => {
  const calls = ['to_billing_if_asked', 'to_returns']
  let state = apply(TEAM, issued(TEAM, thinking(TEAM)), answer(calls), 10)
  state = apply(TEAM, issued(TEAM, state), { type: 'results_noted', indexes: [1] }, 20)
  state = apply(TEAM, state, { type: 'approval_recorded', index: 0 }, 20)
  const { approval, argumentsSha256 } = state.calls[0] ?? {}
  assert.ok(approval && argumentsSha256 !== undefined)
  const decision = { approvalId: approval.id, decision: 'approve', argumentsSha256, by: 'ann' } as const
  state = apply(TEAM, state, { type: 'approval_decided', decision }, 30)
  state = apply(TEAM, issued(TEAM, state), { type: 'decision_recorded', index: 0 }, 40)
  assert.equal(state.calls[0]?.refusal, 'tool_handed_off')
  state = apply(TEAM, issued(TEAM, state), { type: 'results_noted', indexes: [0] }, 50)
  assert.equal(state.speaker, 'returns')
})

test('a run that took all its steps may take as many again when it is resumed', () => {
  const short = plan({ limits: LIMITS })
  const ended = asking(short, asking(short, thinking(short)))
  let state = goOn(short, ended, {})
  for (let step = 3; step <= 4; step += 1) {
    assert.deepEqual([state.ending, state.step], [null, step])
    state = asking(short, state)
  }
  assert.equal(state.ending?.reason, 'max_steps')
})

test('a run that no model answered goes on in the same step, with the messages of that step', () => {
  const told = { ...plan(), whenNoModel: 'answer' } as const
  const asked: RunState = { ...thinking(told), turn: { ...thinking(told).turn, inbox: ['msg_1'] } }
  let ended = asked
  for (const code of ['model_overloaded', 'model_overloaded'] as const)
    ended = apply(told, issued(told, ended), { type: 'model_failed', code }, 10)
  const tightened: RunState = { ...ended, tightened: [{ tool: 'look', verdict: 'deny' }], speaker: null }
  const again = goOn(told, tightened, {})
  assert.deepEqual([again.step, again.turn.inbox, again.turn.hop], [1, ['msg_1'], 0])
  assert.deepEqual(again.tightened, tightened.tightened)
})

test('a resumed run begins with all that no model was shown, and knows it again', () => {
  const told = { ...plan(), whenNoModel: 'answer' } as const
  const before = thinking(told)
  const ended: RunState = {
    ...before,
    turn: { ...before.turn, inbox: ['msg_1'] },
    inbox: ['msg_2', 'msg_forged'],
    seen: ['msg_1', 'msg_2', 'msg_forged'],
    ending: { status: 'incomplete', reason: 'models_unavailable', rest: {} },
  }
  const again = goOn(told, ended, { unread: ['msg_1', 'msg_late', 'msg_2'] })
  assert.deepEqual(again.turn.inbox, ['msg_1', 'msg_late', 'msg_2', 'msg_forged'])
  const repeated = apply(told, again, { type: 'message_added', id: 'msg_late' }, 1_000)
  assert.deepEqual(repeated.inbox, [])
})

test('what was refused because the run had ended is looked at when it is sent to the resumed one', () => {
  const told = { ...plan({ budget: budget({}) }), whenNoModel: 'answer' } as const
  const change = { by: 'bob', limits: { maxTokens: 500 } }
  const submission = { type: 'budget_change', key: 'a', change } as const
  const end = { status: 'incomplete', reason: 'models_unavailable', rest: {} } as const
  const ended: RunState = { ...thinking(told), ending: end }
  const refused = apply(told, ended, { type: 'submitted', submission, problem: 'run_ended' }, 10)
  assert.deepEqual(refused.queue.answers, [{ key: 'a', problem: 'run_ended' }])
  const again = goOn(told, refused, {})
  const sent = apply(told, again, { type: 'submitted', submission, problem: 'budget_change_invalid' }, 1_000)
  assert.deepEqual(sent.queue.waiting, [submission])
})

test('a run that is resumed on another budget has it on the record, and goes on as usual', () => {
  const short = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'finish' }) })
  const reached = { scope: 'run', limit: 'cost', allowed: 80, used: 80 } as const
  let ended = apply(short, issued(short, thinking(short)), { type: 'model_withheld', reached }, 10)
  ended = apply(
    short,
    issued(short, ended),
    { type: 'model_withheld', reached: { ...reached, allowed: 100 } },
    20,
  )
  assert.equal(ended.ending?.reason, 'budget')
  const again = goOn(short, ended, { limits: { maxCostMicroUsd: 500 } })
  assert.deepEqual(
    [again.step, again.budget.mode, again.budget.limits],
    [1, 'usual', { maxCostMicroUsd: 500 }],
  )
  assert.ok(again.budget.unrecorded.includes('changed'))
  assert.deepEqual(again.budget.unrecordedBy, ['bob'])
})

test('only ends that can be resumed keep the state', () => {
  const short = plan({ limits: LIMITS })
  const cancelled = apply(short, thinking(short), { type: 'cancel_requested' }, 10)
  assert.equal(closing(short, cancelled).resumable, undefined)
  const completed = apply(short, issued(short, thinking(short)), answer([]), 10)
  assert.equal(closing(short, completed).resumable, undefined)
})

/** One more step: the model asks for a look-up and gets its result. */
function asking(of: RunPlan, state: RunState): RunState {
  const acting = apply(of, issued(of, state), answer(['look']), 10)
  return apply(
    of,
    issued(of, acting),
    { type: 'tool_finished', index: 0, outcome: { status: 'ok', preview: '' } },
    10,
  )
}

function issued(of: RunPlan, state: RunState): RunState {
  return decide(of, state).reduce(
    (after, command) => apply(of, after, { type: 'issued', command }, 10),
    state,
  )
}

/** What the run is closed with, once what it has to tell of its budget is told. */
function closing(of: RunPlan, state: RunState) {
  const noted = { ...state, budget: { ...state.budget, unrecorded: [], recording: false } }
  const [close] = decide(of, noted)
  assert.ok(close?.type === 'close_run')
  return close.input
}

/** The state that the store has kept, resumed and opened. */
function goOn(of: RunPlan, ended: RunState, change: Omit<Resume, 'by'>): RunState {
  const { resumable } = closing(of, ended)
  const kept = JSON.parse(JSON.stringify(resumable)) as RunState
  return apply(of, resumeRun(of, kept, { by: 'bob', ...change }, 1_000), { type: 'run_opened' }, 1_000)
}

function answer(tools: readonly string[], stop: StopReason = tools.length > 0 ? 'tool_calls' : 'end') {
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  const toolCalls = tools.map(
    (name, index): PendingToolCall => ({
      index,
      callId: `call_${index}`,
      tool: name,
      arguments: {},
      argumentsSha256: 'sha',
    }),
  )
  const decision = { stop, toolCalls, usage, costMicroUsd: 1, servedBy: 'dear', preview: '' } as const
  return { type: 'model_answered', decision } as const
}
