import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Message } from '../../../src/contracts/runs/message.ts'
import type { Script, ScriptedToolCall } from '../../../src/testing/script.ts'
import { seeded } from '../simulation/random.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { ACCOUNT } from './support/pay-desk/books.ts'
import { killAtRandom } from './support/refused/kill-at-random.ts'
import { checkThread } from './support/threads/check-thread.ts'
import { type PlayedThread, playThread } from './support/threads/play-thread.ts'
import { readThread } from './support/threads/read-thread.ts'
import { type WildMessage, wildThread } from './support/threads/wild-thread.ts'

/** `THREAD_SEED=123` plays the same schedules again; what meets what is up to the machine. */
const SEED = Number(process.env['THREAD_SEED'] ?? Date.now() % 1_000_000)
/** `npm run prove` has more of them. */
const SCHEDULES = Number(process.env['THREAD_SCHEDULES'] ?? 25)
const AT_ONCE = 12

const LOOK_UP: ScriptedToolCall = { tool: 'look_up', arguments: { account: ACCOUNT } }
const TICKET: ScriptedToolCall = {
  tool: 'open_ticket',
  arguments: { topic: 'other', text: 'Please call.', urgency: 'normal' },
}

const schedules = Array.from({ length: SCHEDULES }, (_, number) => wildThread(SEED, number))
const messages = new Map<string, WildMessage>(schedules.flat().map((message) => [message.text, message]))
const firstRequests = new Map([...messages.keys()].map((text) => [text, Promise.withResolvers<void>()]))

/** Where a request's last message of a person stands: it is the one of the run that asks. */
const placeOfWords = (shown: readonly Message[]) =>
  shown.findLastIndex((message) => message.role === 'user' && messages.has(message.text))

const wordsOf = (shown: readonly Message[]): string => {
  const words = shown[placeOfWords(shown)]
  return words?.role === 'user' ? words.text : ''
}

const script: Script = ({ messages: shown }) => {
  const text = wordsOf(shown)
  const message = messages.get(text)
  if (message === undefined) throw new Error(`Nobody has said ${text}`)
  firstRequests.get(text)?.resolve()
  const answered = shown.slice(placeOfWords(shown)).filter(({ role }) => role === 'assistant').length
  const { calls, delayMs } = message
  if (answered < calls)
    return { delayMs, text: `${text}, call ${answered}`, toolCalls: [answered % 2 === 0 ? TICKET : LOOK_UP] }
  return { delayMs, text: `${text} is answered.` }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script, { keepRequests: 100_000 })
})
after(() => system.close())

test(`${SCHEDULES} threads with racing messages, cancels and workers that die: no turn is mixed with another`, async (t) => {
  t.diagnostic(`THREAD_SEED=${SEED}`)
  const { database, caller, provider } = system
  const startedAt = performance.now()
  const kills = await killAtRandom(system, seeded(SEED), {
    workers: 2,
    kills: 3 + Math.floor(SCHEDULES / 25),
    everyChanges: 200,
  })
  const asked = (text: string) => firstRequests.get(text)?.promise ?? Promise.resolve()

  const played: PlayedThread[] = []
  const waiting = [...schedules]
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      played.push(await playThread(caller, next, asked))
  })
  await Promise.all(lanes)
  await kills.stop()

  const requests = Map.groupBy(provider.requests, (request) => wordsOf(request.messages))
  const problems: string[] = []
  for (const { threadId } of played) {
    const thread = await readThread(database, threadId)
    try {
      checkThread(thread, (words) => (requests.get(words) ?? []).map((request) => request.messages))
    } catch (error) {
      problems.push(`${threadId}: ${(error as Error).message}`)
    }
  }
  assert.deepEqual(problems, [])
  const runs = played.flatMap((one) => one.runs)
  const ended = Map.groupBy(runs, ({ status }) => status)
  assert.ok((ended.get('completed')?.length ?? 0) > SCHEDULES, 'hardly any turn was completed')
  assert.ok((ended.get('cancelled')?.length ?? 0) > 0, 'no turn was cut off')
  assert.ok(kills.count > 0, 'no worker was killed')
  const rejected = played.reduce((sum, one) => sum + one.rejected, 0)
  t.diagnostic(
    `${((performance.now() - startedAt) / 1_000).toFixed(1)} s, ${kills.count} kills, ${provider.requests.length} requests, ${rejected} rejected; ` +
      [...ended].map(([status, of]) => `${of.length} ${status}`).join(', '),
  )
})

test('the checker finds what it is there to find', async () => {
  const { database, caller } = system
  const calm = [0, 1].map((place) => ({
    text: `Thread 0, message ${place}`,
    strategy: 'enqueue' as const,
    calls: 1,
    after: 'ended' as const,
    cancelled: 'never' as const,
    delayMs: 0,
  }))
  const { threadId } = await playThread(caller, calm, async () => undefined)
  const thread = await readThread(database, threadId)
  const [first, second] = thread.turns
  assert.ok(first && second)
  checkThread(thread, () => [])
  const spoilt = [
    { ...thread, messages: [...thread.messages.slice(1), ...thread.messages.slice(0, 1)] },
    { ...thread, messages: thread.messages.slice(1) },
    { ...thread, turns: [first, { ...second, firstSeq: 1 }] },
    { ...thread, turns: [first, { ...second, startedAt: first.startedAt }] },
    { ...thread, turns: [{ ...first, rolledBack: true }, second] },
  ]
  for (const wrong of spoilt) assert.throws(() => checkThread(wrong, () => []))
  assert.throws(() => checkThread(thread, () => [second.messages]))
})
