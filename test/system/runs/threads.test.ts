import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MessageResource } from '../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { ThreadResource } from '../../../src/api/threads/thread.schema.ts'
import type { Script } from '../../../src/testing/script.ts'
import { post, send } from '../../api/support/post.ts'
import { notesOf, paymentsOf } from '../../support/office/effects.ts'
import { NOTE, PAY } from '../../support/office/scripts.ts'
import { wordsOf } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller, type ProblemBody } from './support/caller.ts'

/* Runs in a thread, each strategy with a turn in flight. */

describe('threads', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  /** Models that are held up, by the words that they were asked last. */
  const gates = new Map<string, { arrived: PromiseWithResolvers<void>; open: PromiseWithResolvers<void> }>()
  const gateOf = (words: string) => {
    const gate = gates.get(words) ?? { arrived: Promise.withResolvers(), open: Promise.withResolvers() }
    gates.set(words, gate)
    return gate
  }

  /** `hold`: the answer waits for its gate. `note`, `pay`: the tool is called first. Otherwise the words are repeated. */
  const script: Script = async ({ messages, signal }) => {
    const at = messages.findLastIndex(({ role }) => role === 'user')
    const asked = messages[at]
    const words = asked === undefined ? '' : wordsOf(asked)
    const isFirst = at === messages.length - 1
    if (isFirst && words.includes('note')) return { text: 'A note first.', toolCalls: [NOTE] }
    if (isFirst && words.includes('pay')) return { toolCalls: [PAY] }
    if (words.includes('hold')) {
      const gate = gateOf(words)
      gate.arrived.resolve()
      const gone = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => gone.resolve())
      await Promise.race([gate.open.promise, gone.promise])
    }
    return { text: `Answer to ${words}` }
  }

  before(async () => {
    environment = await startEnvironment({ script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function openThread() {
    const { body: thread } = await post<ThreadResource>(caller.v1('/threads'), {})
    const path = `/threads/${thread.id}`
    const start = (agent: string, input: string, more: object = {}) =>
      post<RunResource & ProblemBody>(caller.v1(`${path}/runs`), { agent, input, ...more })
    return {
      id: thread.id,
      start,
      /** A run whose model is held up, at its first call or after its tools. */
      async hold(agent: string, input: string): Promise<RunResource> {
        const { body } = await start(agent, input)
        await gateOf(input).arrived.promise
        return body
      },
      thread: async () => (await caller.get<ThreadResource>(path)).body,
      async texts(): Promise<string[]> {
        const { body } = await caller.get<{ data: MessageResource[] }>(`${path}/messages?limit=100`)
        return body.data.map(({ content }) => content)
      },
      remove: () => send<ThreadResource & ProblemBody>('DELETE', caller.v1(path)),
    }
  }

  /** What models were shown for the last of these words. */
  function shownFor(words: string): string[] {
    const requests = environment.provider.requests.filter(({ messages }) => {
      const last = messages.findLast(({ role }) => role === 'user')
      return last !== undefined && wordsOf(last) === words
    })
    const request = requests.at(-1)
    assert.ok(request, `nobody was asked: ${words}`)
    return request.messages.map(wordsOf)
  }

  test('enqueue: the next turn begins when the one before has ended, and is shown what that has left', async () => {
    const thread = await openThread()
    const first = await thread.hold('assistant', 'hold the queue')
    const second = await thread.start('assistant', 'and the next')
    assert.equal(second.status, 202)
    assert.equal(second.body.thread_id, thread.id)
    assert.equal((await caller.run(second.body.id)).status, 'queued')
    const busy = await thread.thread()
    assert.deepEqual([busy.status, busy.active_run_id, busy.waiting_runs], ['busy', first.id, 1])
    assert.equal((await caller.say(second.body.id, 'Are you there?')).status, 409)
    assert.equal(
      (await caller.changeBudget(second.body.id, { max_model_calls: 3 })).body.code,
      'turn_not_begun',
    )

    gateOf('hold the queue').open.resolve()
    assert.equal((await caller.untilEnd(second.body.id)).output, 'Answer to and the next')
    const expected = ['hold the queue', 'Answer to hold the queue', 'and the next']
    assert.deepEqual(shownFor('and the next'), expected)
    assert.deepEqual(await thread.texts(), [...expected, 'Answer to and the next'])
    assert.equal((await thread.thread()).status, 'idle')
  })

  test('reject: a busy thread takes nothing', async () => {
    const thread = await openThread()
    const first = await thread.hold('assistant', 'hold the rejected')
    const second = await thread.start('assistant', 'me too', { multitask_strategy: 'reject' })
    assert.deepEqual([second.status, second.body.code], [409, 'thread_busy'])
    assert.deepEqual([(await thread.remove()).body.code], ['thread_busy'])
    gateOf('hold the rejected').open.resolve()
    await caller.untilEnd(first.id)
    const again = await thread.start('assistant', 'me too', { multitask_strategy: 'reject' })
    assert.equal(again.status, 202)
    assert.equal((await caller.untilEnd(again.body.id)).status, 'completed')
  })

  test('interrupt: the turn in flight is cancelled, and what it has done stays in the thread', async () => {
    const thread = await openThread()
    const first = await thread.hold('clerk', 'note, then hold the interrupted')
    const waiting = await thread.start('clerk', 'never mind me')
    const second = await thread.start('clerk', 'stop it', { multitask_strategy: 'interrupt' })
    assert.equal(second.status, 202)
    assert.equal((await caller.untilEnd(second.body.id)).output, 'Answer to stop it')
    assert.equal((await caller.run(first.id)).status, 'cancelled')
    assert.equal((await caller.run(waiting.body.id)).status, 'cancelled')
    const [note] = await notesOf(environment.database, first.id)
    assert.equal(note?.times, 1)
    const texts = await thread.texts()
    assert.deepEqual(
      [texts.slice(0, 2), texts.slice(3)],
      [
        ['note, then hold the interrupted', 'A note first.'],
        ['stop it', 'Answer to stop it'],
      ],
    )
    assert.match(texts[2] ?? '', /"noted"/)
    assert.deepEqual(shownFor('stop it'), texts.slice(0, 4))
  })

  test('rollback: the messages of the turn in flight leave the thread, and its effects stay', async () => {
    const thread = await openThread()
    const zero = await thread.start('clerk', 'good morning')
    await caller.untilEnd(zero.body.id)
    const first = await thread.hold('clerk', 'note, then hold the rolled back')
    const second = await thread.start('clerk', 'as I was saying', { multitask_strategy: 'rollback' })
    assert.equal((await caller.untilEnd(second.body.id)).status, 'completed')
    assert.equal((await caller.run(first.id)).status, 'cancelled')
    assert.equal((await notesOf(environment.database, first.id)).length, 1)
    const expected = ['good morning', 'Answer to good morning', 'as I was saying']
    assert.deepEqual(shownFor('as I was saying'), expected)
    assert.deepEqual(await thread.texts(), [...expected, 'Answer to as I was saying'])
    const told = (await caller.events(first.id)).find(({ type }) => type === 'turn.rolled_back')
    assert.deepEqual(told?.data, { by: 'local', for_run_id: second.body.id })
    // Its own transcript stays on the record.
    assert.ok((await caller.messages(first.id)).length > 0)
  })

  for (const strategy of ['interrupt', 'rollback'] as const) {
    test(`${strategy} while a person is asked: the question is withdrawn, and nothing is paid`, async () => {
      const thread = await openThread()
      const first = await thread.start('clerk', `pay, ${strategy}`)
      const { id } = await caller.untilWaiting(first.body.id)
      const words = `no ${strategy}, do not`
      const second = await thread.start('clerk', words, { multitask_strategy: strategy })
      assert.equal((await caller.untilEnd(second.body.id)).status, 'completed')
      assert.equal((await caller.approval(id)).status, 'cancelled')
      assert.deepEqual(await paymentsOf(environment.database, first.body.id), [])
      const shown = shownFor(words)
      if (strategy === 'rollback') assert.deepEqual(shown, [words])
      // A call that was cut off has a result on the wire, or every provider would refuse the conversation.
      else assert.equal(shown.length, 4)
    })
  }

  test('enqueue and reject while a person is asked: the turn stays in flight until somebody has decided', async () => {
    const thread = await openThread()
    const first = await thread.start('clerk', 'pay, and let me wait')
    const approval = await caller.untilWaiting(first.body.id)
    const rejected = await thread.start('clerk', 'quick', { multitask_strategy: 'reject' })
    assert.equal(rejected.body.code, 'thread_busy')
    const queued = await thread.start('clerk', 'queued behind a person')
    const waiting = await caller.run(queued.body.id)
    assert.equal(waiting.status, 'queued')
    const { thread_id, created_at: since } = waiting
    assert.deepEqual(waiting.waiting_for, { type: 'thread', thread_id, since })
    assert.equal((await caller.decide(approval, { decision: 'approve' })).status, 200)
    const ended = await caller.untilEnd(queued.body.id)
    assert.deepEqual([ended.status, ended.waiting_for], ['completed', undefined])
    assert.equal((await paymentsOf(environment.database, first.body.id)).length, 1)
    assert.equal(shownFor('queued behind a person').length, 5)
  })

  test('a turn that waits is cancelled at once, and was never begun', async () => {
    const thread = await openThread()
    const first = await thread.hold('assistant', 'hold the cancelled')
    const second = await thread.start('assistant', 'not me')
    const third = await thread.start('assistant', 'but me')
    assert.equal((await caller.cancel(second.body.id)).body.status, 'cancelled')
    assert.equal((await caller.cancel(second.body.id)).body.status, 'cancelled')
    gateOf('hold the cancelled').open.resolve()
    await caller.untilEnd(first.id)
    assert.equal((await caller.untilEnd(third.body.id)).status, 'completed')
    assert.ok(!(await thread.texts()).includes('not me'))
    const { temporal } = environment
    await assert.rejects(temporal.client.workflow.getHandle(`assistant/default/${second.body.id}`).describe())
  })

  test('a deleted thread takes with it what was said, and leaves what it has cost', async () => {
    const thread = await openThread()
    const { body: run } = await thread.start('clerk', 'note my secret')
    const { usage } = await caller.untilEnd(run.id)
    assert.equal((await thread.remove()).status, 200)
    assert.equal((await thread.remove()).status, 404)
    assert.equal((await thread.start('clerk', 'anybody?')).status, 404)
    const left = await caller.run(run.id)
    assert.deepEqual([left.status, left.output, left.usage], ['completed', undefined, usage])
    assert.deepEqual(await caller.messages(run.id), [])
    const record = JSON.stringify([
      await caller.events(run.id),
      (await caller.get(`/runs/${run.id}/trace`)).body,
    ])
    assert.doesNotMatch(record, /secret|Wants to talk/)
  })
})
