import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageResource } from '../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { ThreadResource } from '../../../src/api/threads/thread.schema.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import { post } from '../../api/support/post.ts'
import { assertBooks } from '../../store/support/books.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'
import { answerFromShown, FACT, isSummaryRequest, summarise, userWords } from './support/long-talk.ts'

interface Page {
  readonly data: readonly MessageResource[]
  readonly next: string | null
}

/** `npm run prove` has 300 of them. */
const TURNS = Number(process.env['THREAD_TURNS'] ?? 60)
const MAX_TOKENS = 4_000

const talk = defineApp({
  name: 'talk',
  agents: [
    defineAgent({
      name: 'talker',
      version: 'v1',
      instructions: 'Talk with the user.',
      window: { maxTokens: MAX_TOKENS, strategy: 'both' },
      budget: { limits: { maxTokens: 20_000_000 }, onUnknownPrice: 'allow' },
    }),
  ],
})

test(`a thread of ${TURNS} runs stays in a window of ${MAX_TOKENS} tokens, and a summary serves the turns after it`, async (t) => {
  const environment = await startEnvironment({
    app: talk,
    keepRequests: 1_000,
    script: (request) => (isSummaryRequest(request) ? summarise(request) : answerFromShown(request)),
  })
  t.after(() => environment.close())
  const caller = createCaller(environment.service.url)
  const { body: thread } = await post<ThreadResource>(caller.v1('/threads'), {})
  const runs: RunResource[] = []
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const input = userWords(turn, TURNS)
    const started = await caller.start(
      { agent: 'talker', input, thread_id: thread.id },
      { prefer: 'wait=60' },
    )
    assert.equal(started.body.status, 'completed', `turn ${turn}`)
    runs.push(started.body)
  }
  assert.equal(runs.at(-1)?.output, `It is ${FACT.answer}.`)

  const requests = environment.provider.requests.map(({ system, charged }) => ({
    isSummary: isSummaryRequest({ system }),
    tokens: charged?.inputTokens ?? Number.NaN,
  }))
  const asked = requests.filter(({ isSummary }) => !isSummary).map(({ tokens }) => tokens)
  assert.equal(asked.length, TURNS)
  assert.ok(Math.max(...asked) <= MAX_TOKENS, `a request has ${Math.max(...asked)} tokens`)
  const summaries = requests.length - TURNS
  assert.ok(summaries >= 3 && summaries <= TURNS / 4, `${summaries} summaries`)
  assert.equal(runs.filter(({ usage }) => usage.model_calls > 1).length, summaries)

  let messages = 0
  for (let next: string | null = ''; next !== null; ) {
    const path: string = `/threads/${thread.id}/messages?limit=100${next && `&after=${next}`}`
    const page: Page = (await caller.get<Page>(path)).body
    messages += page.data.length
    next = page.next
  }
  assert.equal(messages, 2 * TURNS)
  await assertBooks(environment.database, 'default')
  t.diagnostic(
    `largest request ${Math.max(...asked)} of ${MAX_TOKENS}, ${summaries} summaries, "${runs.at(-1)?.output}"`,
  )
})
