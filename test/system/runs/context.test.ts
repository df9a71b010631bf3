import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { ENDING_WORDS } from '../../../src/policies/endings.ts'
import type { Script, ScriptedReply, ScriptedRequest } from '../../../src/testing/script.ts'
import { assertBooks } from '../../store/support/books.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { historyOf, summariesOf } from './support/history.ts'
import { isSummaryRequest } from './support/long-talk.ts'

/* Conversations that grow longer than a model can read. Runs are told apart by the first word of their input. */

const LOOK = { tool: 'look_up', arguments: { key: 'minutes' } } as const
const REFUSED: ScriptedReply = {
  fault: { status: 400, body: { error: { code: 'context_length_exceeded', message: 'prompt is too long' } } },
}
const tokensOf = ({ body }: Pick<ScriptedRequest, 'body'>) => JSON.stringify(body).length / 4

/** A server that can read so many tokens, and a model that looks something up so many times. */
const looksUp =
  (times: number, readsTokens = Number.POSITIVE_INFINITY) =>
  (request: ScriptedRequest, answered: number): ScriptedReply => {
    if (tokensOf(request) > readsTokens) return REFUSED
    return answered < times ? { text: 'On it.', toolCalls: [LOOK] } : { text: 'Nothing was decided.' }
  }

const STORIES: Readonly<Record<string, ReturnType<typeof looksUp>>> = {
  refused: looksUp(20, 4_000),
  predicted: looksUp(20),
  windowed: looksUp(30),
  carried: looksUp(25),
  huge: looksUp(1, 50),
  unwanted: () => ({ fault: { status: 418, body: { error: { message: 'I am a teapot' } } } }),
}

/** By the cache key of the request, which names the agent, a run's story cannot be told; by its first words it can. */
function tell(): Script {
  const answered = new Map<string, number>()
  return (request) => {
    if (isSummaryRequest(request)) return { text: 'Nothing was decided so far. windowed' }
    const words = request.messages.flatMap((message) => (message.role === 'user' ? [message.text] : []))
    const story = Object.keys(STORIES).find((name) => words.some((text) => text.startsWith(name))) ?? ''
    const reply = STORIES[story]?.(request, answered.get(story) ?? 0)
    if (reply === undefined) throw new Error(`No story: ${words.join(' | ').slice(0, 200)}`)
    if (!('fault' in reply)) answered.set(story, (answered.get(story) ?? 0) + 1)
    return reply
  }
}

describe('context', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script: tell() })
    caller = createCaller(environment.service.url)
  })
  after(async () => {
    await assertBooks(environment.database, 'default')
    await environment.close()
  })

  async function play(plan: RunPlan, input: string) {
    const { runId, workflowId } = await environment.startPlan(plan, input)
    const run = await caller.untilEnd(runId)
    const events = await caller.events(runId)
    const compacted = events.filter(({ type }) => type === 'context.compacted').map(({ data }) => data)
    return { runId, workflowId, run, events, compacted }
  }

  test('a provider refuses the conversation as too long: the same model is asked again with less of it', async () => {
    const { run, workflowId, compacted, events } = await play(clerkPlan(), 'refused What was decided?')
    assert.equal(run.status, 'completed')
    assert.equal(run.output, 'Nothing was decided.')
    assert.ok(compacted.length >= 2)
    assert.ok(compacted.every(({ cause, strategy }) => cause === 'refused' && strategy === 'sliding'))
    // No hop has failed, and the whole conversation is still there.
    assert.ok(events.every(({ type }) => type !== 'model.failed'))
    assert.equal((await caller.messages(run.id)).length, 1 + 20 * 2 + 1)
    const history = await historyOf(environment.temporal.client, workflowId)
    const compactions = summariesOf(history).filter((line) => line.startsWith('compactTranscript: '))
    assert.equal(compactions.length, compacted.length)
    assert.match(compactions[0] ?? '', /step \d+ · compact \d+ messages \(refused\)$/)
  })

  test('a request that would be too long for its model is not sent at all', async () => {
    const plan = clerkPlan()
    const chain = plan.chain.map((model) => ({ ...model, contextTokens: 8_000, maxOutputTokens: 4_000 }))
    const { run, compacted } = await play({ ...plan, chain }, 'predicted What was decided?')
    assert.equal(run.status, 'completed')
    assert.ok(compacted.length >= 2 && compacted.every(({ cause }) => cause === 'predicted'))
    const sent = environment.provider.requests.filter(({ messages }) =>
      messages.some((message) => message.role === 'user' && message.text.startsWith('predicted')),
    )
    assert.equal(sent.length, 21)
    for (const request of sent) assert.ok(tokensOf(request) <= 4_000, `${tokensOf(request)} tokens`)
  })

  test('an agent’s window holds in every request, and its summaries are on the record and in the books', async () => {
    const plan = clerkPlan()
    const [summaryModel] = plan.chain
    assert.ok(summaryModel)
    const window = { maxTokens: 4_000, strategy: 'both', summaryModel } as const
    const { run, compacted } = await play({ ...plan, window }, 'windowed What was decided?')
    assert.equal(run.status, 'completed')
    const written = compacted.filter(({ summary }) => summary !== undefined)
    assert.ok(written.length >= 3)
    assert.equal(run.usage.model_calls, 31 + written.length)
    const sent = environment.provider.requests.filter(
      (request) =>
        !isSummaryRequest(request) &&
        request.messages.some((message) => message.role === 'user' && message.text.includes('windowed')),
    )
    assert.equal(sent.length, 31)
    for (const request of sent) assert.ok(tokensOf(request) <= 4_000, `${tokensOf(request)} tokens`)
    const last = sent.at(-1)?.messages ?? []
    assert.ok(
      last.some((message) => message.role === 'user' && /a summary of earlier parts/.test(message.text)),
      'the model is shown the summary as one',
    )
  })

  test('a fresh execution goes on with the window of the one before', async () => {
    const plan = clerkPlan({ historyEvents: 40 })
    const window = { maxTokens: 4_000, strategy: 'sliding' } as const
    const { run, workflowId, compacted } = await play({ ...plan, window }, 'carried What was decided?')
    assert.equal(run.status, 'completed')
    const numbers = compacted.map(({ number }) => number)
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    )
    const { runId } = await environment.temporal.client.workflow.getHandle(workflowId).describe()
    const [first] = await historyOf(environment.temporal.client, workflowId)
    assert.ok(
      first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId,
      `${runId} is the first`,
    )
  })

  test('where even one message is longer than any model can read, every model fails with that reason', async () => {
    const { run, events, compacted } = await play(clerkPlan(), `huge ${'words '.repeat(500)}`)
    assert.equal(run.status, 'incomplete')
    assert.equal(run.reason, 'context_too_long')
    assert.equal(run.output, ENDING_WORDS.context_too_long)
    assert.equal((await caller.resume(run.id)).status, 409)
    assert.deepEqual(compacted, [])
    const failed = events.filter(({ type }) => type === 'model.failed').map(({ data }) => data['code'])
    assert.deepEqual([...new Set(failed)], ['model_context_too_long'])
  })

  test('the same holds for words that are longer than the agent’s window, which no model is asked to read', async () => {
    const window = { maxTokens: 4_000, strategy: 'sliding' } as const
    const { run } = await play({ ...clerkPlan(), window }, `predicted ${'chapter '.repeat(20_000)}`)
    assert.deepEqual([run.status, run.reason], ['incomplete', 'context_too_long'])
    assert.equal(run.output, ENDING_WORDS.context_too_long)
    const sent = environment.provider.requests.map(({ body }) => JSON.stringify(body))
    assert.ok(sent.every((body) => !body.includes('chapter chapter')))
    assert.equal((await caller.resume(run.id)).status, 409)
  })

  test('a request that every model refuses is no outage: the run says so, and is not repeated', async () => {
    const { run, events } = await play(clerkPlan(), 'unwanted What was decided?')
    assert.deepEqual([run.status, run.reason], ['incomplete', 'request_refused'])
    assert.equal(run.output, ENDING_WORDS.request_refused)
    const failed = events.filter(({ type }) => type === 'model.failed').map(({ data }) => data['code'])
    assert.deepEqual([...new Set(failed)], ['model_request_refused'])
    assert.equal((await caller.resume(run.id)).status, 409)
  })
})
