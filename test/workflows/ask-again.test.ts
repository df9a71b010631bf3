import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerFault } from '../../src/contracts/models/answer.ts'
import type { StopReason } from '../../src/contracts/models/model.ts'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import { resumeRun } from '../../src/workflows/state/resume.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { summaryOf } from '../../src/workflows/steps/summary.ts'
import { budget, model, plan, thinking } from './small-plan.ts'

const LIMITS = { maxSteps: 20, deadlineMs: 100_000, historyEvents: 3_000, historyBytes: 2_000_000 }
const ASKING = plan({ limits: { ...LIMITS, answerRepairs: 1, answerContinuations: 2 } })

const MISFIT = { problem: 'output_invalid', misfits: 2 } as const
const CUT_OFF = { problem: 'cut_off' } as const
const CALL_CUT_OFF = { problem: 'call_cut_off' } as const

test('an answer that does not fit is repaired by its model, then by the next one, and then the run ends', () => {
  const first = answered(ASKING, thinking(ASKING), MISFIT)
  assert.deepEqual([first.step, first.turn.hop, first.nextSeq], [2, 0, 3])
  const second = answered(ASKING, first, MISFIT)
  assert.deepEqual([second.step, second.turn.hop], [3, 1])
  const third = answered(ASKING, second, MISFIT)
  assert.deepEqual([third.step, third.turn.hop, third.ending], [4, 1, null])
  const ended = answered(ASKING, third, MISFIT)
  // The answer stands after the input and three answers, each with the message about it.
  assert.deepEqual(ended.ending, { status: 'incomplete', reason: 'output_invalid', answer: { seq: 7 } })
})

test('an answer that fits after a repair completes the run, and the next question has its repairs anew', () => {
  const repaired = answered(ASKING, answered(ASKING, thinking(ASKING), MISFIT))
  assert.deepEqual(repaired.ending, { status: 'completed', answer: { seq: 3 } })
  const asking = apply(ASKING, thinking(ASKING), { type: 'message_added', id: 'msg_1' }, 0)
  const more = answered(ASKING, answered(ASKING, asking, MISFIT))
  assert.deepEqual([more.ending, more.answers.repairs], [{ status: 'completed', answer: { seq: 4 } }, 0])
})

test('calls in between do not bring repairs anew', () => {
  const misfit = answered(ASKING, thinking(ASKING), MISFIT)
  const acting = answered(ASKING, misfit, undefined, ['look'])
  assert.equal(acting.phase, 'acting')
  const done = { type: 'tool_finished', index: 0, outcome: { status: 'ok', preview: '' } } as const
  const asked = apply(ASKING, issued(ASKING, acting), done, 10)
  // The model is asked from the chain's beginning after its calls, as after any.
  assert.equal(asked.turn.hop, 0)
  assert.equal(answered(ASKING, asked, MISFIT).turn.hop, 1)
})

test('a hop that fails in a repair goes over to the next one, which has a repair of its own', () => {
  const misfit = answered(ASKING, thinking(ASKING), MISFIT)
  const failed = apply(ASKING, issued(ASKING, misfit), { type: 'model_failed', code: 'model_overloaded' }, 10)
  assert.equal(failed.turn.hop, 1)
  const repairing = answered(ASKING, failed, MISFIT)
  assert.deepEqual([repairing.turn.hop, repairing.ending], [1, null])
  assert.equal(answered(ASKING, repairing, MISFIT).ending?.reason, 'output_invalid')
})

test('an answer that is cut off is gone on with by the same model, as often as the plan says', () => {
  let state = answered(ASKING, thinking(ASKING), CUT_OFF)
  assert.deepEqual([state.step, state.turn.hop, state.nextSeq], [2, 0, 3])
  state = answered(ASKING, state, CALL_CUT_OFF)
  assert.equal(state.step, 3)
  state = answered(ASKING, state, CUT_OFF)
  assert.deepEqual(state.ending, { status: 'incomplete', reason: 'max_output_tokens', answer: { seq: 5 } })
})

test('only cut-offs in a row count', () => {
  let state = thinking(ASKING)
  for (let round = 0; round < 3; round += 1) {
    state = answered(ASKING, answered(ASKING, state, CUT_OFF), undefined, ['look'])
    const done = { type: 'tool_finished', index: 0, outcome: { status: 'ok', preview: '' } } as const
    state = apply(ASKING, issued(ASKING, state), done, 10)
  }
  assert.deepEqual([state.ending, state.step], [null, 7])
})

test('messages wait until an answer is whole, and are answered then; a repair shows them', () => {
  const told = apply(ASKING, thinking(ASKING), { type: 'message_added', id: 'msg_1' }, 0)
  const going = answered(ASKING, told, CUT_OFF)
  assert.deepEqual([going.turn.inbox, going.inbox], [[], ['msg_1']])
  const whole = answered(ASKING, going)
  assert.deepEqual([whole.ending, whole.turn.inbox, whole.inbox], [null, ['msg_1'], []])
  const repairing = answered(ASKING, told, MISFIT)
  assert.deepEqual([repairing.turn.inbox, repairing.inbox], [['msg_1'], []])
})

test('without a step left a run ends with the reason of its answer', () => {
  const short = plan({ limits: { ...LIMITS, maxSteps: 1, answerRepairs: 1, answerContinuations: 1 } })
  assert.equal(answered(short, thinking(short), MISFIT).ending?.reason, 'output_invalid')
  assert.equal(answered(short, thinking(short), CUT_OFF).ending?.reason, 'max_output_tokens')
})

test('the last call of a budget stays the last', () => {
  const limits = { ...LIMITS, answerRepairs: 1, answerContinuations: 1 }
  const tight = plan({ limits, budget: budget({ limits: { maxSteps: 2 }, onReached: 'finish' }) })
  const last = answered(tight, thinking(tight), MISFIT)
  assert.equal(last.budget.mode, 'finishing')
  assert.equal(answered(tight, last, MISFIT).ending?.reason, 'budget')
  assert.equal(answered(tight, last, CUT_OFF).ending?.reason, 'max_output_tokens')
})

test('a repair that its budget does not cover waits as any hop does', () => {
  const limits = { ...LIMITS, answerRepairs: 1 }
  const dear = plan({ limits, budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'pause' }) })
  const misfit = answered(dear, thinking(dear), MISFIT)
  const reached = { scope: 'run', limit: 'cost', allowed: 100, used: 90 } as const
  const paused = apply(dear, issued(dear, misfit), { type: 'model_withheld', reached }, 10)
  assert.deepEqual([paused.budget.pause?.reached, paused.ending, paused.turn.hop], [reached, null, 0])
})

test('a run that goes back to its usual chain repairs there', () => {
  const limits = { ...LIMITS, answerRepairs: 1 }
  const cheap = plan({
    limits,
    cheaperChain: [model('cheap')],
    budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'degrade' }),
  })
  const reached = { scope: 'run', limit: 'cost', allowed: 80, used: 80 } as const
  const degraded = apply(cheap, issued(cheap, thinking(cheap)), { type: 'model_withheld', reached }, 10)
  assert.equal(degraded.turn.hop, 2)
  assert.equal(answered(cheap, degraded, MISFIT).turn.hop, 2)
  const change = { by: 'bob', limits: { maxCostMicroUsd: 1_000 } }
  const raised = apply(cheap, issued(cheap, degraded), { type: 'budget_changed', change }, 10)
  assert.equal(apply(cheap, raised, answer(MISFIT), 20).turn.hop, 0)
})

test('a run that ended over its output can be resumed, and repairs again', () => {
  let state = thinking(ASKING)
  while (state.ending === null) state = answered(ASKING, state, MISFIT)
  const close = decide(ASKING, state).find(({ type }) => type === 'close_run')
  assert.ok(close?.type === 'close_run' && close.input.resumable)
  const kept = JSON.parse(JSON.stringify(close.input.resumable)) as RunState
  const again = apply(ASKING, resumeRun(ASKING, kept, { by: 'bob' }, 100), { type: 'run_opened' }, 100)
  assert.deepEqual([again.step, again.turn.hop, again.answers.repairs], [5, 0, 0])
  assert.equal(answered(ASKING, again, MISFIT).ending, null)
})

test('a run whose plan says nothing of it ends at its first answer that is cut off', () => {
  const older = plan({ format: 3 })
  const ended = apply(older, issued(older, thinking(older)), answer(undefined, [], 'max_output_tokens'), 10)
  assert.deepEqual(ended.ending, { status: 'incomplete', reason: 'max_output_tokens', answer: { seq: 1 } })
})

test('the Web UI says why a model is asked again', () => {
  const summaries = [CUT_OFF, CALL_CUT_OFF, MISFIT, { ...MISFIT, misfits: 1 }].map((fault) => {
    const command = decide(ASKING, answered(ASKING, thinking(ASKING), fault)).find(
      ({ type }) => type === 'call_model',
    )
    assert.ok(command)
    return summaryOf(command)
  })
  assert.deepEqual(summaries, [
    'step 2 · dear · goes on with its answer',
    'step 2 · dear · asks again: a call was cut off',
    'step 2 · dear · asks again: 2 things do not fit',
    'step 2 · dear · asks again: 1 thing does not fit',
  ])
})

function answered(
  of: RunPlan,
  state: RunState,
  fault?: AnswerFault,
  tools: readonly string[] = [],
): RunState {
  return apply(of, issued(of, state), answer(fault, tools), 10)
}

function issued(of: RunPlan, state: RunState): RunState {
  return decide(of, state).reduce(
    (after, command) => apply(of, after, { type: 'issued', command }, 10),
    state,
  )
}

function answer(fault?: AnswerFault, tools: readonly string[] = [], stop?: StopReason) {
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  const toolCalls = tools.map((tool, index) => ({
    index,
    callId: `call_${index}`,
    tool,
    arguments: {},
    argumentsSha256: 'sha',
  }))
  const wasCut = fault !== undefined && fault.problem !== 'output_invalid'
  const decision = {
    stop: stop ?? (wasCut ? 'max_output_tokens' : tools.length > 0 ? 'tool_calls' : 'end'),
    toolCalls,
    usage,
    costMicroUsd: 1,
    servedBy: 'dear',
    preview: '',
    ...(fault && { fault }),
  } as const
  return { type: 'model_answered', decision } as const
}
