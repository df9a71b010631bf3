import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WINDOW_STRATEGIES, type WindowStrategy } from '../../../src/contracts/models/context.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import { assertBooks } from '../../store/support/books.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'
import { answerFromShown, FACT, isSummaryRequest, summarise, userWords } from './support/long-talk.ts'

/** `npm run prove` talks for 300 turns. */
const TURNS = Number(process.env['CONVERSATION_TURNS'] ?? 120)
/** A window as small beside the whole conversation, however long that is. */
const MAX_TOKENS = Math.round((16_000 * TURNS) / 300)

function talker(strategy: WindowStrategy) {
  return defineApp({
    name: 'talk',
    agents: [
      defineAgent({
        name: 'talker',
        version: 'v1',
        instructions: 'Talk with the user.',
        window: { maxTokens: MAX_TOKENS, strategy },
        limits: { maxSteps: TURNS + 10 },
        budget: { limits: { maxTokens: 20_000_000 }, onUnknownPrice: 'allow' },
      }),
    ],
  })
}

for (const strategy of WINDOW_STRATEGIES) {
  test(`a conversation of ${TURNS} turns goes on in a window of ${MAX_TOKENS} tokens: ${strategy}`, async (t) => {
    const started = Promise.withResolvers<string>()
    let turn = 1
    const environment = await startEnvironment({
      app: talker(strategy),
      keepRequests: 1_000,
      async script(request) {
        if (isSummaryRequest(request)) return summarise(request)
        const answer = answerFromShown(request)
        // The user says the next thing while the model speaks, so that the run goes on with it.
        if (turn < TURNS) {
          turn += 1
          await caller.say(await started.promise, userWords(turn, TURNS), `turn_${turn}`)
        }
        return answer
      },
    })
    t.after(() => environment.close())
    const caller = createCaller(environment.service.url)
    const { body } = await caller.start({ agent: 'talker', input: userWords(1, TURNS) })
    started.resolve(body.id)
    const run = await caller.untilEnd(body.id)
    assert.equal(run.status, 'completed')

    const requests = environment.provider.requests.map(({ system, charged }) => ({
      isSummary: isSummaryRequest({ system }),
      tokens: charged?.inputTokens ?? Number.NaN,
    }))
    const asked = requests.filter(({ isSummary }) => !isSummary).map(({ tokens }) => tokens)
    assert.equal(asked.length, TURNS)
    assert.ok(Math.max(...asked) <= MAX_TOKENS, `a request has ${Math.max(...asked)} tokens`)
    assert.equal(run.output, strategy === 'sliding' ? 'I do not know it.' : `It is ${FACT.answer}.`)

    const events = await caller.events(body.id)
    const compacted = events.filter(({ type }) => type === 'context.compacted')
    assert.ok(compacted.length >= 5)
    assert.equal(compacted.filter(({ data }) => 'summary' in data).length, requests.length - TURNS)
    assert.equal(requests.length > TURNS, strategy !== 'sliding')
    // The whole conversation is there, without the windows' own words.
    const messages = await caller.messages(body.id)
    assert.equal(messages.length, 2 * TURNS)
    assert.equal(run.usage.model_calls, requests.length)
    await assertBooks(environment.database, 'default')
    const whole = messages.reduce((sum, message) => sum + JSON.stringify(message).length / 4, 0)
    t.diagnostic(
      `${strategy}: ${TURNS} turns of about ${Math.round(whole)} tokens; largest request ${Math.max(...asked)} of ${MAX_TOKENS}, ` +
        `all requests ${asked.reduce((sum, tokens) => sum + tokens, 0)}; ${compacted.length} compactions, ` +
        `${requests.length - TURNS} summaries; "${run.output}"`,
    )
  })
}
