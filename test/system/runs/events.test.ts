import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Script } from '../../../src/testing/script.ts'
import { readStream } from '../../api/support/read-stream.ts'
import { longScript, noteAndRepeat } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { askingPlan, clerkPlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

/*
 * Readers of runs that really run, with a worker, a model and Temporal behind them. (test/api has the same stream over rows
 * that a test writes.)
 */

const READERS = 20
const STEPS = 25
const DECISIONS = 9
/** A decision takes some tens of milliseconds; below this nobody minds what share of it readers are. */
const UNNOTICED_MS = 150

/** No two places of it are alike. */
const SPEECH = Array.from({ length: 100 }, (_, i) => `word ${i}`).join(', ')

/** By a run's first words: its model speaks once its readers are there. */
const gates = new Map<string, PromiseWithResolvers<void>>()

const script: Script = async (request) => {
  const words = firstWords(request.messages)
  const gate = gates.get(words)
  if (gate) {
    await gate.promise
    return { text: SPEECH, chunkDelayMs: 100 }
  }
  return words.startsWith('decide') ? noteAndRepeat(request) : longScript(request)
}

for (const store of ['pglite', 'postgres'] as const) {
  test(`reading along on ${store}`, async (t) => {
    const environment = await startEnvironment({ store, script })
    t.after(() => environment.close())
    const caller = createCaller(environment.service.url)
    const eventsOf = (runId: string) => caller.v1(`/runs/${runId}/events`)

    await t.test(
      '20 readers that drop and resume at random points of a run each get every event once',
      async () => {
        const { runId } = await environment.startPlan(clerkPlan(), `read ${STEPS} 200`)
        const read = await Promise.all(Array.from({ length: READERS }, () => readInPieces(eventsOf(runId))))
        const all = (await caller.events(runId)).map(({ seq, type }) => `${seq} ${type}`)
        // A start, and an answer and a tool's result each step; then the last answer, and the end.
        assert.equal(all.length, 2 + 2 * STEPS + 2)
        for (const seen of read) assert.deepEqual(seen, all)
      },
    )

    await t.test('readers that go away in the middle of an answer stop nothing', async () => {
      const words = `leave ${store}`
      const { runId, present } = await startSpeech(words, READERS)
      const leave = async () => {
        for await (const { event } of readStream(eventsOf(runId))) {
          if (event === 'run.started') present()
          if (event === 'model.delta') return event
        }
        return 'the end'
      }
      const left = await Promise.all(Array.from({ length: READERS }, leave))
      assert.deepEqual([...new Set(left)], ['model.delta'])
      const run = await caller.untilEnd(runId)
      assert.deepEqual([run.status, run.output], ['completed', SPEECH])
      const requests = environment.provider.requests.filter(({ messages }) => firstWords(messages) === words)
      assert.deepEqual(
        requests.map(({ closedEarly }) => closedEarly),
        [false],
      )
    })

    await t.test(
      'who listens hears an answer while it is made, piece by piece, to its last word and nothing twice',
      async () => {
        const { runId, present } = await startSpeech(`listen ${store}`, 1)
        const heard: string[] = []
        for await (const { event, data } of readStream(eventsOf(runId))) {
          if (event === 'run.started') present()
          if (event === 'model.delta') heard.push(String(data['text']))
        }
        assert.ok(heard.length > 1)
        assert.equal(heard.join(''), SPEECH)
      },
    )

    await t.test('20 readers of a run do not slow the decision that it waits for', async (t) => {
      const times = { alone: [] as number[], watched: [] as number[] }
      // In turns, so that whatever else the machine does falls on both.
      for (let i = 0; i < DECISIONS; i++) {
        times.alone.push(await timeDecision(`decide ${i}`, 0))
        times.watched.push(await timeDecision(`decide ${i}, watched`, READERS))
      }
      const [alone, watched] = [median(times.alone), median(times.watched)]
      t.diagnostic(
        `median of a decision: ${alone.toFixed(0)} ms alone, ${watched.toFixed(0)} ms with ${READERS} readers`,
      )
      assert.ok(watched <= Math.max(3 * alone, UNNOTICED_MS), `${watched} ms in place of ${alone}`)
    })

    /** A run whose model begins to speak when `present` has been called this often. */
    async function startSpeech(words: string, readers: number) {
      const gate = Promise.withResolvers<void>()
      gates.set(words, gate)
      const { runId } = await environment.startPlan(clerkPlan(), words)
      let missing = readers
      return { runId, present: () => --missing === 0 && gate.resolve() }
    }

    /** From the request to its answer, in ms. */
    async function timeDecision(words: string, readers: number): Promise<number> {
      const { runId } = await environment.startPlan(askingPlan('take_note'), words)
      const approval = await caller.untilWaiting(runId)
      const reading = await Promise.all(Array.from({ length: readers }, () => readAlong(eventsOf(runId))))
      const began = performance.now()
      const { status } = await caller.decide(approval, { decision: 'approve' })
      const took = performance.now() - began
      assert.equal(status, 200)
      await caller.untilEnd(runId)
      for (const { toItsEnd } of reading) assert.equal(await toItsEnd, 'run.completed')
      return took
    }
  })
}

/** Reads a few events at a time and comes back with the last one's id, until the run's last one. */
async function readInPieces(url: string): Promise<string[]> {
  const seen: string[] = []
  for (let place = '0'; ; ) {
    const many = 1 + Math.floor(Math.random() * 9)
    let read = 0
    for await (const { id, event } of readStream(url, { 'last-event-id': place })) {
      if (id === null) continue
      place = id
      seen.push(`${id} ${event}`)
      if (event === 'run.completed') return seen
      if (++read === many) break
    }
  }
}

/** Resolves once the stream is open and has told all there was; its `toItsEnd` to the last event's type. */
async function readAlong(url: string): Promise<{ readonly toItsEnd: Promise<string> }> {
  const caughtUp = Promise.withResolvers<void>()
  const read = async () => {
    let last = ''
    for await (const { event } of readStream(url)) {
      last = event
      if (event === 'approval.requested') caughtUp.resolve()
    }
    return last
  }
  const toItsEnd = read()
  await Promise.race([caughtUp.promise, toItsEnd])
  return { toItsEnd }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
}
