import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { TemporalFailure } from '@temporalio/common'
import { PLAN_FORMAT } from '../../src/contracts/runs/plan.ts'
import { initialState, type RunState } from '../../src/workflows/state/run-state.ts'
import { type FirstInput, upgrade } from '../../src/workflows/state/upgrade.ts'
import { officePlan } from '../support/office.ts'
import { historyFiles } from '../system/replay/history-files.ts'
import type { HistoryJson } from '../system/replay/support/mutations.ts'

/** What 0.1.0 really wrote: the input of every execution whose history is kept. */
const inputs = historyFiles()
  .filter(({ release }) => release === '0.1.0')
  .map(({ name, path }) => ({ name, input: inputOf(JSON.parse(readFileSync(path, 'utf8')) as HistoryJson) }))

function inputOf({ events }: HistoryJson): FirstInput {
  const { workflowExecutionStartedEventAttributes: started } = events[0] as unknown as {
    workflowExecutionStartedEventAttributes: { input: { payloads: readonly { data: string }[] } }
  }
  const text = Buffer.from(started.input.payloads[0]?.data ?? '', 'base64').toString()
  return JSON.parse(text) as FirstInput
}

const keysOf = (value: object): string[] => Object.keys(value).sort()

test('a plan of 0.1.0 becomes one of today, with the terms that held then', () => {
  assert.ok(inputs.length > 0)
  for (const { name, input } of inputs) {
    const { plan, run, inputCount } = upgrade(input)
    assert.deepEqual([run, inputCount], [input.run, input.inputCount], name)
    const optional = new Set(['budget', 'cheaperChain', 'specialists', 'subAgents', 'whenNoModel'])
    const needed = keysOf(officePlan('support')).filter((key) => !optional.has(key))
    assert.deepEqual(keysOf(plan), needed, name)
    const { answerRepairs: _, answerContinuations: __, ...limits } = officePlan('support').limits
    assert.deepEqual(keysOf(plan.limits), keysOf(limits), name)
    assert.deepEqual(
      plan.approvalTerms,
      {
        standard: {
          approvers: [],
          quorum: 1,
          excludeRequester: false,
          rejection: 'ends',
          decisions: ['approve', 'reject'],
          timeoutMs: input.plan.limits.approvalTimeoutMs,
          onTimeout: 'reject',
          escalation: [],
          remindEveryMs: 0,
        },
      },
      name,
    )
  }
})

test('a state that 0.1.0 carried over has every part that a state has today', () => {
  const carried = inputs.flatMap(({ input }) => (input.carried ? [upgrade(input).carried] : []))
  assert.ok(carried.length > 0)
  for (const state of carried) {
    assert.ok(state)
    assert.deepEqual(keysOf(state), keysOf(initialState({}, state.runId, 1, 0)))
    assert.deepEqual(state.tightened, [])
  }
})

test('an approval that waited under 0.1.0 waits on, until when it would have', () => {
  const old = inputs.find(({ input }) => input.carried?.calls.some(({ stage }) => stage === 'waiting'))?.input
  assert.ok(old)
  const [before] = old.carried?.calls ?? []
  const [call] = upgrade(old).carried?.calls ?? []
  assert.ok(before?.approval)
  const { id, cause, expiresAtMs, outcome } = before.approval
  const approval: RunState['calls'][number]['approval'] = {
    id,
    cause,
    expiresAtMs,
    outcome,
    requestedAtMs: expiresAtMs - old.plan.limits.approvalTimeoutMs,
    remindAtMs: null,
    approvers: [],
    escalated: 0,
    votes: [],
    progress: 0,
    unrecorded: [],
    recordingProgress: false,
    edit: null,
  }
  const nothing = { edited: false, handsTo: null, childWaits: false, toolCallShare: 0 }
  assert.deepEqual(call, { ...before, approval, terms: 'standard', ...nothing })
})

test('an input of this release stays what it is', () => {
  const run = { runId: 'run_1', tenant: 'default', principal: 'ann' } as const
  const input = { run, plan: officePlan('support'), inputCount: 1 }
  assert.equal(upgrade(input), input)
})

test('a plan of a later release fails the task and leaves the run as it is', () => {
  const [{ input } = { input: null }] = inputs
  assert.ok(input)
  const later = { ...input, plan: { ...input.plan, format: PLAN_FORMAT + 1 } } as unknown as FirstInput
  // Temporal's own failures would end the run.
  assert.throws(
    () => upgrade(later),
    (error) =>
      error instanceof Error && !(error instanceof TemporalFailure) && /a newer worker/.test(error.message),
  )
})
