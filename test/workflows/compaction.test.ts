import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Compaction } from '../../src/contracts/models/context.ts'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import { toWorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import type { Occurrence } from '../../src/workflows/state/occurrence.ts'
import { resumeRun } from '../../src/workflows/state/resume.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { summaryOf } from '../../src/workflows/steps/summary.ts'
import { agent, budget, plan, thinking, tool } from './small-plan.ts'

const KEPT: Compaction = { strategy: 'sliding', kept: 14, of: 212 }
const TOO_LONG = { type: 'model_failed', code: 'model_context_too_long' } as const

/** Begins what is to be begun, which is one command, and lets something happen. */
function play(of: RunPlan, state: RunState, ...occurrences: readonly Occurrence[]): RunState {
  return occurrences.reduce((current, occurrence) => {
    const begun = decide(of, current).reduce(
      (after, command) => apply(of, after, { type: 'issued', command }, 10),
      current,
    )
    return apply(of, begun, occurrence, 10)
  }, state)
}

function next(of: RunPlan, state: RunState): Command {
  const [command, ...others] = decide(of, state)
  assert.deepEqual(others, [])
  return command ?? assert.fail('nothing is to be begun')
}

function compacted(compaction: Compaction = KEPT): Occurrence {
  return { type: 'compacted', compaction }
}

function answered(inputTokens: number, tools: readonly string[] = ['look']): Occurrence {
  const usage = {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 50,
    reasoningTokens: 0,
  }
  const toolCalls = tools.map((name, index) => ({
    index,
    callId: `call_${index}`,
    tool: name,
    arguments: {},
    argumentsSha256: 'a',
  }))
  const stop = tools.length > 0 ? ('tool_calls' as const) : ('end' as const)
  const decision = { stop, toolCalls, usage, costMicroUsd: 1, servedBy: 'dear', preview: '' }
  return { type: 'model_answered', decision }
}

const FINISHED: Occurrence = { type: 'tool_finished', index: 0, outcome: { status: 'ok', preview: '' } }

test('a request that a provider refuses as too long is compacted, and the same hop is asked again', () => {
  const small = plan()
  const refused = play(small, thinking(small), TOO_LONG)
  assert.equal(refused.ending, null)
  const command = next(small, refused)
  assert.ok(command.type === 'compact')
  assert.deepEqual(command.input, {
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'triage',
    number: 1,
    cause: 'refused',
  })
  const call = next(small, play(small, refused, compacted()))
  assert.ok(call.type === 'call_model')
  assert.deepEqual([call.input.hop, call.input.window, call.input.failedHops], [0, 1, undefined])
})

test('so is a request that was predicted to be too long, and was never sent', () => {
  const small = plan()
  const predicted = play(small, thinking(small), { type: 'model_too_long' })
  const command = next(small, predicted)
  assert.ok(command.type === 'compact' && command.input.cause === 'predicted')
  assert.equal(next(small, play(small, predicted, compacted())).type, 'call_model')
})

test('after two compactions of a step the next model is asked, and the first is on the record as failed', () => {
  const small = plan()
  const after = play(small, thinking(small), TOO_LONG, compacted(), TOO_LONG, compacted(), TOO_LONG)
  const call = next(small, after)
  assert.ok(call.type === 'call_model')
  assert.deepEqual([call.input.hop, call.input.window], [1, 2])
  assert.deepEqual(call.input.failedHops, [{ hop: 0, model: 'dear', code: 'model_context_too_long' }])
  const last = play(small, after, TOO_LONG)
  assert.equal(last.ending?.reason, 'context_too_long')
})

test('where nothing can be left out, the hop has failed', () => {
  const small = plan()
  const after = play(small, thinking(small), TOO_LONG, compacted({ unchanged: true }))
  const call = next(small, after)
  assert.ok(call.type === 'call_model')
  assert.deepEqual([call.input.hop, call.input.window], [1, undefined])
})

test('a run whose plan is older asks the next model at once', () => {
  const older: RunPlan = { ...plan(), format: 3 }
  const call = next(older, play(older, thinking(older), TOO_LONG))
  assert.ok(call.type === 'call_model' && call.input.hop === 1)
})

test('an agent’s transcript that nears its window is compacted before the next call', () => {
  const windowed = plan({ window: { maxTokens: 1_000, strategy: 'sliding' } })
  const below = play(windowed, thinking(windowed), answered(750), FINISHED)
  assert.equal(next(windowed, below).type, 'call_model')
  const near = play(windowed, thinking(windowed), answered(751), FINISHED)
  const command = next(windowed, near)
  assert.ok(command.type === 'compact' && command.input.cause === 'near_limit')
  const call = next(windowed, play(windowed, near, compacted()))
  assert.ok(call.type === 'call_model' && call.input.window === 1)
  // Without a window nothing is compacted before a provider refuses it, or before it is predicted to.
  const free = plan()
  assert.equal(next(free, play(free, thinking(free), answered(900_000), FINISHED)).type, 'call_model')
})

test('a compaction that finds nothing to leave out is not tried again in every step', () => {
  const windowed = plan({ window: { maxTokens: 1_000, strategy: 'sliding' }, tools: [tool('look')] })
  let state = play(windowed, thinking(windowed), answered(900), FINISHED, compacted({ unchanged: true }))
  const compactions: number[] = []
  for (let step = 2; step <= 10; step += 1) {
    if (next(windowed, state).type === 'compact') {
      compactions.push(step)
      state = play(windowed, state, compacted())
    }
    state = play(windowed, state, answered(900), FINISHED)
  }
  assert.deepEqual(compactions, [10])
})

test('a specialist has a window of its own, and what another agent was shown says nothing about it', () => {
  const handoff = tool('to_billing', { execution: 'handoff', to: 'billing' })
  const team = plan({
    window: { maxTokens: 1_000, strategy: 'both' },
    tools: [handoff],
    specialists: { billing: agent('billing', { window: { maxTokens: 500, strategy: 'sliding' } }) },
  })
  const full = play(team, thinking(team), TOO_LONG, compacted(), answered(900, ['to_billing']))
  const handed = play(team, full, { type: 'results_noted', indexes: [0] })
  const call = next(team, handed)
  assert.ok(call.type === 'call_model')
  assert.deepEqual([call.input.agent, call.input.window], ['billing', undefined])
  const near = next(team, play(team, handed, answered(350), FINISHED))
  assert.ok(near.type === 'call_model')
  const over = next(team, play(team, handed, answered(351), FINISHED))
  assert.ok(over.type === 'compact')
  assert.deepEqual([over.input.agent, over.input.number], ['billing', 1])
})

test('a summary counts in the run’s usage and in what it has spent', () => {
  const limited = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 } }) })
  const usage = {
    inputTokens: 30,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 7,
    reasoningTokens: 0,
  }
  const spent = { costMicroUsd: 81, unknownMicroUsd: 0, tokens: 37, modelCalls: 1 }
  const outcome: Compaction = { ...KEPT, strategy: 'both', summary: { usage, costMicroUsd: 81 }, spent }
  const after = play(limited, thinking(limited), TOO_LONG, compacted(outcome))
  assert.deepEqual(
    [after.usage.inputTokens, after.usage.outputTokens, after.usage.modelCalls, after.usage.costMicroUsd],
    [30, 7, 1, 81],
  )
  assert.deepEqual(after.budget.spent, spent)
  assert.deepEqual(after.budget.unrecorded, ['threshold'])
})

test('the last call of a budget pays for no summary', () => {
  const limited = plan({ budget: budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'finish' }) })
  const reached = { scope: 'run', limit: 'cost', allowed: 80, used: 80 } as const
  const last = play(limited, thinking(limited), { type: 'model_withheld', reached })
  const refused = apply(limited, { ...last, turn: { ...last.turn, stage: 'running' } }, TOO_LONG, 10)
  const command = decide(limited, refused).find(({ type }) => type === 'compact')
  assert.ok(command?.type === 'compact' && command.input.wrapUp === true)
})

test('a cancel stops a compaction, and the run ends when it has stopped', () => {
  const small = plan()
  const refused = play(small, thinking(small), TOO_LONG)
  const cancelled = play(small, refused, { type: 'cancel_requested' })
  assert.deepEqual(decide(small, cancelled), [{ type: 'stop_compaction' }])
  const stopped = play(small, cancelled, { type: 'compaction_stopped' })
  assert.equal(next(small, stopped).type, 'close_run')
})

test('a resumed run goes on with its windows', () => {
  const small = plan()
  const ended = play(small, thinking(small), TOO_LONG, compacted(), TOO_LONG, compacted(), TOO_LONG, {
    type: 'model_failed',
    code: 'model_overloaded',
  })
  assert.equal(ended.ending?.reason, 'models_unavailable')
  const resumed = resumeRun(small, ended, { by: 'bob' }, 20)
  assert.deepEqual(resumed.context.windows, { triage: 2 })
  const again = play(small, resumed, { type: 'run_opened' })
  const call = next(small, again)
  assert.ok(call.type === 'call_model' && call.input.window === 2)
})

test('a workflow knows an agent’s window, and no model that writes summaries', () => {
  const windowed = plan({
    window: { maxTokens: 1_000, strategy: 'both', summaryModel: agent('x').chain[0] },
  } as never)
  assert.deepEqual(toWorkflowPlan(windowed).window, { maxTokens: 1_000 })
})

test('an operator reads in the Web UI what is compacted, and why', () => {
  const small = plan()
  const command = next(small, play(small, thinking(small), TOO_LONG))
  assert.equal(summaryOf(command), 'step 1 · compact 1 messages (refused)')
})
