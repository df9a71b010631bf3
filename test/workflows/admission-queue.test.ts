import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BudgetChange } from '../../src/contracts/budgets/budget.ts'
import type { ErrorCode } from '../../src/contracts/error-codes.ts'
import { isFinished } from '../../src/workflows/state/admission.ts'
import type { SignedSubmission } from '../../src/workflows/state/admission-queue.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { newApproval } from '../../src/workflows/state/approvals/approval-state.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import type { Occurrence } from '../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import type { CallState } from '../../src/workflows/state/tools/call-state.ts'
import { budget, plan, thinking } from './small-plan.ts'

const PLAN = plan({ budget: budget({ limits: { maxTokens: 100 } }) })
const CHANGE: BudgetChange = { by: 'ann', limits: { maxTokens: 500 } }
const submission = (key: string, change = CHANGE): SignedSubmission => ({
  type: 'budget_change',
  key,
  change,
})
const submit = (key: string, problem: ErrorCode | null = null): Occurrence => ({
  type: 'submitted',
  submission: submission(key),
  problem,
})
const play = (state: RunState, ...occurrences: Occurrence[]) =>
  occurrences.reduce((current, occurrence) => apply(PLAN, current, occurrence, 0), state)
const admissionsOf = (state: RunState) => decide(PLAN, state).filter(({ type }) => type === 'admit')

test('one submission is admitted at a time, and what needs no admission waits behind it', () => {
  const state = play(thinking(PLAN), submit('a'), submit('b'), {
    type: 'submitted',
    submission: { type: 'message', id: 'm1' },
    problem: null,
  })
  assert.deepEqual(admissionsOf(state), [{ type: 'admit', submission: submission('a') }])
  const asked = play(state, { type: 'issued', command: { type: 'admit', submission: submission('a') } })
  assert.deepEqual(admissionsOf(asked), [])
  const next = play(asked, { type: 'admission', problem: null })
  assert.deepEqual([next.budget.limits.maxTokens, next.inbox], [500, []])
  const last = play(next, { type: 'admission', problem: 'decision_unsigned' })
  assert.deepEqual([last.queue.waiting, last.inbox], [[], ['m1']])
})

test('what counts, or can never count, is not admitted again', () => {
  for (const problem of [null, 'decision_unsigned', 'edited_arguments_invalid'] as const) {
    const state = play(thinking(PLAN), submit('a'), { type: 'admission', problem }, submit('a'))
    assert.deepEqual(admissionsOf(state), [], String(problem))
  }
})

test('what was refused for a reason that has passed is looked at again', () => {
  const refused = play(thinking(PLAN), submit('a', 'not_an_approver'), {
    type: 'admission',
    problem: 'not_an_approver',
  })
  assert.deepEqual(admissionsOf(play(refused, submit('a', 'not_an_approver'))), [])
  assert.equal(admissionsOf(play(refused, submit('a'))).length, 1)
})

test('what waits when a hand-over becomes due is admitted first, if it is not too much', () => {
  const due = play(thinking(PLAN), submit('a'), { type: 'hand_over_suggested' })
  assert.equal(admissionsOf(due).length, 1)
  const next = play(due, submit('b'), { type: 'admission', problem: null }, { type: 'budget_noted' })
  assert.equal(admissionsOf(next).length, 0)
})

test('a run that is about to hand over begins no admission of what came since, and takes the queue along', () => {
  const state = play(thinking(PLAN), { type: 'hand_over_suggested' }, submit('a'))
  assert.deepEqual(
    decide(PLAN, state).map(({ type }) => type),
    ['continue_as_new'],
  )
  const carried = play(state, { type: 'issued', command: { type: 'continue_as_new' } })
  assert.equal(admissionsOf(carried).length, 1)
})

test('once the end is decided nothing waits any more', () => {
  const state = play(thinking(PLAN), submit('a'), { type: 'cancel_requested' }, submit('b'))
  assert.deepEqual(state.queue.waiting, [])
  assert.deepEqual(
    state.queue.answers.map(({ problem }) => problem),
    ['run_ended', 'run_ended'],
  )
})

test('a stricter rule counts until the run is closed, since its end may be undone', () => {
  const rule = (tool: string): Occurrence => ({
    type: 'submitted',
    submission: { type: 'tightening', rule: { tool, verdict: 'deny' } },
    problem: null,
  })
  const asked = play(thinking(PLAN), submit('a'), {
    type: 'issued',
    command: { type: 'admit', submission: submission('a') },
  })
  const ended = play(asked, rule('look'), { type: 'cancel_requested' }, rule('*'))
  assert.deepEqual(ended.tightened, [])
  const rest = play(ended, { type: 'admission', problem: 'run_ended' })
  assert.deepEqual(
    rest.tightened.map(({ tool }) => tool),
    ['look', '*'],
  )
  const closed = play(rest, { type: 'run_closed', unread: [] }, rule('lookup'))
  assert.deepEqual(closed.tightened, rest.tightened)
})

const APPROVAL = 'apr_1_1_0_0'
const DECISION: SignedSubmission = {
  type: 'decision',
  key: 'd',
  decision: { approvalId: APPROVAL, decision: 'approve', argumentsSha256: 'sha', by: 'ann' },
}
const decided: Occurrence = { type: 'submitted', submission: DECISION, problem: null }
const recorded = (state: RunState) =>
  decide(PLAN, state).flatMap((command) =>
    command.type === 'record_refusals' ? command.input.refusals.map(({ code }) => code) : [],
  )

test('a decision that meets the end of its run is on the record, also when the run is just being closed', () => {
  const ended = play(thinking(PLAN), { type: 'cancel_requested' })
  assert.deepEqual(recorded(play(ended, decided)), ['run_ended'])

  const [close] = decide(PLAN, ended)
  assert.ok(close?.type === 'close_run')
  const closed = play(ended, { type: 'issued', command: close }, decided, { type: 'run_closed', unread: [] })
  assert.equal(isFinished(closed), false)
  const [record] = decide(PLAN, closed)
  assert.ok(record?.type === 'record_refusals')
  const recording = play(closed, { type: 'issued', command: record })
  assert.equal(isFinished(recording), false)
  assert.equal(isFinished(play(recording, { type: 'refusals_noted' })), true)
})

test('a decision whose approval has expired before its turn is refused', () => {
  const terms = PLAN.approvalTerms?.['standard']
  assert.ok(terms)
  const asked = newApproval(terms, { runId: 'run_1', step: 1 }, { index: 0, again: 0 }, 'policy', 0)
  const call: CallState = {
    index: 0,
    callId: 'call_0',
    tool: 'look',
    arguments: null,
    argumentsSha256: 'sha',
    seq: 1,
    stage: 'waiting',
    rule: 'ask',
    refusal: null,
    approval: asked,
    terms: 'standard',
    edited: false,
    again: 0,
    handsTo: null,
    childWaits: false,
    toolCallShare: 0,
  }
  const waiting: RunState = { ...thinking(PLAN), phase: 'acting', calls: [call] }
  const inTime = play(waiting, decided, { type: 'admission', problem: null })
  assert.deepEqual(inTime.queue.answers, [{ key: 'd', problem: null, status: 'approved' }])
  const expired = apply(PLAN, play(waiting, decided), { type: 'alarm' }, 1_000)
  const late = apply(PLAN, expired, { type: 'admission', problem: null }, 1_000)
  assert.deepEqual(late.queue.answers, [{ key: 'd', problem: 'already_decided' }])
  assert.deepEqual(recorded(late), ['already_decided'])
})
