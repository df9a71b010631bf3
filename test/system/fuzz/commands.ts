import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { ThreadResource } from '../../../src/api/threads/thread.schema.ts'
import type { Answer } from '../../api/support/post.ts'
import type { ProblemBody } from '../runs/support/caller.ts'
import {
  DECISIONS,
  hasEnded,
  type Model,
  type ModelApproval,
  type ModelRun,
  type ModelThread,
  pick,
  restAfterDecision,
} from './model.ts'
import { begin, endTurn, goOn, type Player, STATUS } from './player.ts'
import { KINDS, type Kind, startOf } from './script.ts'

type Command = fc.AsyncCommand<Model, Player>

function command(
  name: string,
  canBeTaken: (model: Model) => boolean,
  take: (model: Model, player: Player) => Promise<void>,
): Command {
  return { check: canBeTaken, run: take, toString: () => name }
}

function assertTold({ status, text }: Answer<unknown>, expected: number, code?: string): void {
  const told = JSON.parse(text) as Partial<ProblemBody>
  assert.deepEqual([status, told.code], [expected, code], text)
}

function newRun(model: Model, { id }: RunResource, kind: Kind, thread: ModelThread | null = null): ModelRun {
  const run: ModelRun = {
    id,
    kind,
    thread,
    rest: 'turn',
    messages: new Map(),
    approvals: [],
    notes: 0,
    payments: [],
  }
  model.runs.push(run)
  return run
}

const choice = fc.nat(50)
const hasRuns = ({ runs }: Model) => runs.length > 0
const approvalsIn = ({ runs }: Model) => runs.flatMap((run) => run.approvals.map((one) => ({ run, one })))

/** With a key that was used before it is the same run, or a mistake. */
const start = fc
  .record({ kind: fc.constantFrom(...KINDS), key: fc.constantFrom('a', 'b', null, null) })
  .map(({ kind, key }) =>
    command(
      `start(${kind}, ${key})`,
      () => true,
      async (model, player) => {
        const first = key === null ? undefined : model.started.get(key)
        const headers: Record<string, string> = key === null ? {} : { 'idempotency-key': key }
        const told = await player.ann.start(startOf(kind, String(key)), headers)
        if (first === undefined) {
          assertTold(told, 202)
          const run = newRun(model, told.body, kind)
          if (key !== null) model.started.set(key, run)
          await begin(player, run)
        } else if (first.kind === kind) {
          assertTold(told, 200)
          assert.equal(told.body.id, first.id)
        } else assertTold(told, 422, 'idempotency_key_reused')
      },
    ),
  )

const message = fc
  .record({ at: choice, id: fc.constantFrom('m1', 'm2'), content: fc.constantFrom('hey', 'ho') })
  .map(({ at, id, content }) =>
    command(`message(${at}, ${id}, ${content})`, hasRuns, async ({ runs }, { ann }) => {
      const run = pick(runs, at)
      const told = await ann.say(run.id, content, id)
      const first = run.messages.get(id)
      if (run.rest === 'turn') return assertTold(told, 409, 'turn_not_begun')
      if (first !== undefined && first !== content) return assertTold(told, 422, 'idempotency_key_reused')
      if (first === undefined && hasEnded(run)) return assertTold(told, 409, 'run_ended')
      assertTold(told, 202)
      run.messages.set(id, content)
    }),
  )

/** Bob decides what is asked, or what was asked before. A decision about other arguments is stale. */
const decide = fc
  .record({ at: choice, decision: fc.constantFrom(...DECISIONS), isStale: fc.boolean() })
  .map(({ at, decision, isStale }) =>
    command(
      `${isStale ? 'decide stale' : 'decide'}(${at}, ${decision})`,
      (model) => approvalsIn(model).length > 0,
      async (model, player) => {
        const { run, one } = pick(approvalsIn(model), at)
        const edited = { ...(one.asked.arguments as object), cents: 5_500 }
        const told = await player.bob.decide(
          { ...one.asked, ...(isStale && { arguments_sha256: '0'.repeat(64) }) },
          { decision, ...(decision === 'edit' && { arguments: edited }) },
        )
        if (one.decided === null && !hasEnded(run) && !isStale) {
          assertTold(told, 200)
          assert.equal(told.body.status, STATUS[decision])
          if (decision !== 'reject') run.payments.push(decision === 'edit' ? edited : paidFor(one))
          one.decided = decision
          await goOn(player, run, restAfterDecision(run))
        } else if (one.decided === decision && !isStale) assertTold(told, 200)
        else if (one.decided === null && !hasEnded(run)) assertTold(told, 409, 'stale')
        else assertTold(told, 409, 'already_decided')
      },
    ),
  )

const paidFor = ({ asked }: ModelApproval) => asked.arguments as ModelRun['payments'][number]

const cancel = choice.map((at) =>
  command(`cancel(${at})`, hasRuns, async ({ runs }, player) => {
    const run = pick(runs, at)
    const told = await player.ann.cancel(run.id)
    if (run.rest === 'completed' || run.rest === 'incomplete') return assertTold(told, 409, 'run_ended')
    assertTold(told, 202)
    if (run.rest === 'cancelled') return
    if (run.rest !== 'turn') return goOn(player, run, 'cancelled')
    assert.equal(told.body.status, 'cancelled')
    run.rest = 'cancelled'
    if (run.thread !== null) await endTurn(player, run.thread, run)
  }),
)

const topUp = choice.map((at) =>
  command(`topUp(${at})`, hasRuns, async ({ runs }, player) => {
    const run = pick(runs, at)
    const told = await player.ann.changeBudget(run.id, { max_model_calls: 20 })
    if (run.rest === 'turn') assertTold(told, 409, 'turn_not_begun')
    else if (hasEnded(run)) assertTold(told, 409, 'run_ended')
    else {
      assertTold(told, 200)
      if (run.rest === 'budget') await goOn(player, run, 'completed')
    }
  }),
)

const resume = choice.map((at) =>
  command(`resume(${at})`, hasRuns, async ({ runs }, player) => {
    const run = pick(runs, at)
    const told = await player.ann.resume(run.id, { budget: { max_model_calls: 20 } })
    if (run.rest !== 'incomplete') return assertTold(told, 409, 'run_not_resumable')
    assertTold(told, 202)
    await goOn(player, run, 'completed')
  }),
)

const newThread = fc.constant(
  command(
    'newThread',
    ({ threads }) => threads.length < 2,
    async ({ threads }, { ann }) => {
      const told = await ann.post<ThreadResource>('/threads', {})
      assertTold(told, 201)
      threads.push({ id: told.body.id, turns: [] })
    },
  ),
)

const turn = fc
  .record({ at: choice, kind: fc.constantFrom<Kind[]>('note', 'pay'), rejects: fc.boolean() })
  .map(({ at, kind, rejects }) =>
    command(
      `turn(${at}, ${kind}, ${rejects ? 'reject' : 'enqueue'})`,
      ({ threads }) => threads.length > 0,
      async (model, player) => {
        const thread = pick(model.threads, at)
        const isBusy = thread.turns.length > 0
        const strategy = { multitask_strategy: rejects ? 'reject' : 'enqueue' }
        const path = `/threads/${thread.id}/runs`
        const told = await player.ann.post<RunResource>(path, { ...startOf(kind, 'turn'), ...strategy })
        if (isBusy && rejects) return assertTold(told, 409, 'thread_busy')
        assertTold(told, 202)
        const run = newRun(model, told.body, kind, thread)
        thread.turns.push(run)
        if (!isBusy) await begin(player, run)
      },
    ),
  )

/** Sequences of what somebody may ask for, in any order. */
export function sequences(): fc.Arbitrary<Iterable<Command>> {
  return fc.commands([start, message, decide, decide, cancel, topUp, resume, newThread, turn, turn], {
    maxCommands: 60,
    size: 'max',
  })
}
