import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import proto from '@temporalio/proto'
import type { Database } from '../../../src/store/database/database.ts'
import { DELTA_CHANNEL } from '../../../src/store/record/deltas.ts'
import type { Script, ScriptedReply } from '../../../src/testing/script.ts'
import { readStream } from '../../api/support/read-stream.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { historyOf } from './support/history.ts'

/* Text on its way: who hears it, from where on, and what becomes of the text of an attempt that fails. */

/** No two places of it are alike. */
const SPEECH = Array.from({ length: 60 }, (_, i) => `word ${i}`).join(', ')

/** What a run's model answers to its attempts, one after the other. Each run has words of its own. */
const answers = new Map<string, { replies: ScriptedReply[]; asked: number; gate: Promise<void> }>()

const script: Script = async ({ messages }) => {
  const answer = answers.get(firstWords(messages))
  assert.ok(answer)
  await answer.gate
  const reply = answer.replies[Math.min(answer.asked, answer.replies.length - 1)]
  answer.asked += 1
  assert.ok(reply)
  return reply
}

for (const store of ['pglite', 'postgres'] as const) {
  describe(`text on its way, on ${store}`, { concurrency: true }, () => {
    let environment: Environment
    let caller: Caller
    before(async () => {
      environment = await startEnvironment({ store, script })
      caller = createCaller(environment.service.url)
    })
    after(() => environment.close())

    /** A run whose model speaks when `speak` is called. */
    async function start(words: string, replies: ScriptedReply[]) {
      const gate = Promise.withResolvers<void>()
      answers.set(words, { replies, asked: 0, gate: gate.promise })
      const started = await environment.startPlan(clerkPlan(), words)
      return { ...started, speak: gate.resolve }
    }

    /** What a reader has on the screen at the end of each attempt: text of an attempt is dropped when the next one begins. */
    async function read(runId: string, onEvent: (event: string, heard: string) => void) {
      const screens: { attempt: number; hop: number; text: string }[] = []
      for await (const { event, data } of readStream(caller.v1(`/runs/${runId}/events`))) {
        if (event === 'model.started') {
          screens.push({ attempt: Number(data['attempt']), hop: Number(data['hop']), text: '' })
        }
        const screen = screens.at(-1)
        if (event === 'model.delta' && screen !== undefined) {
          assert.equal(data['attempt'], screen.attempt)
          screen.text += String(data['text'])
        }
        onEvent(event, screen?.text ?? '')
      }
      return screens
    }

    test('F19: an attempt that is made again announces itself, and its reader drops what was half said', async () => {
      const broken: ScriptedReply = { text: SPEECH, chunkDelayMs: 10, fault: 'truncate' }
      const { runId, speak } = await start('again', [broken, { text: SPEECH, chunkDelayMs: 10 }])
      const screens = await read(runId, (event) => event === 'run.started' && speak())
      assert.deepEqual(
        screens.map(({ attempt, text }) => [
          attempt,
          text === SPEECH,
          SPEECH.startsWith(text) && text !== '',
        ]),
        [
          [1, false, true],
          [2, true, true],
        ],
      )
    })

    test('an attempt that fails without a word announces itself as well', async () => {
      const broken: ScriptedReply = { text: SPEECH, chunkDelayMs: 10, fault: 'truncate' }
      const { runId, speak } = await start('mute', [broken, { fault: { status: 500 } }, { text: SPEECH }])
      const screens = await read(runId, (event) => event === 'run.started' && speak())
      assert.deepEqual(
        screens.map(({ attempt, text }) => [attempt, text === '']),
        [
          [1, false],
          [2, true],
          [3, false],
        ],
      )
    })

    test('a reader who comes in the middle of an answer hears it from its beginning', async () => {
      const { runId, speak } = await start('late', [{ text: SPEECH, chunkDelayMs: 60 }])
      let late: ReturnType<typeof read> | undefined
      const comeLate = (event: string, heard: string) => {
        if (event === 'run.started') speak()
        if (heard !== '') late ??= read(runId, () => undefined)
      }
      const [first] = await read(runId, comeLate)
      const [second] = (await late) ?? []
      assert.deepEqual([first?.text, second?.text], [SPEECH, SPEECH])
    })

    test('nothing of it is in the history, nor among the events that are kept', async () => {
      const half: ScriptedReply = {
        text: 'Half-spoken text. '.repeat(20),
        chunkDelayMs: 10,
        fault: 'truncate',
      }
      const { runId, workflowId, speak } = await start('history', [half, { text: 'All of it.' }])
      const screens = await read(runId, (event) => event === 'run.started' && speak())
      assert.match(screens[0]?.text ?? '', /Half-spoken/)
      const history = await historyOf(environment.temporal.client, workflowId)
      const { HistoryEvent } = proto.temporal.api.history.v1
      const bytes = Buffer.concat(history.map((event) => HistoryEvent.encode(event).finish()))
      assert.ok(bytes.includes('All of it.') && !bytes.includes('Half-spoken'))
      assert.ok(!JSON.stringify(await caller.events(runId)).includes('Half-spoken'))
    })
  })

  test(`with nobody listening nothing is published, on ${store}`, async (t) => {
    const environment = await startEnvironment({ store, script: () => ({ text: SPEECH, chunkDelayMs: 10 }) })
    t.after(() => environment.close())
    const heard = await counting(environment.database)
    const caller = createCaller(environment.service.url)
    const { body } = await caller.start({ agent: 'support', input: 'unheard' }, { prefer: 'wait=60' })
    assert.equal(body.status, 'completed')
    assert.equal(await heard(), 0)
    await caller.start({ agent: 'support', input: 'heard' }).then(({ body: { id } }) => caller.untilEnd(id))
    assert.ok((await heard()) > 0)
  })
}

/** How many deltas have been published so far: those of others are before a last one of our own. */
async function counting(database: Database): Promise<() => Promise<number>> {
  let deltas = 0
  let onMark: () => void = () => undefined
  await database.listen(DELTA_CHANNEL, (payload) => {
    if (payload === 'mark') onMark()
    else deltas += 1
  })
  return async () => {
    const marked = Promise.withResolvers<void>()
    onMark = marked.resolve
    await database.query({ text: `select pg_notify('${DELTA_CHANNEL}', 'mark')` })
    await marked.promise
    return deltas
  }
}
