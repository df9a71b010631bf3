import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { defineAgent, defineApp, subAgent } from '../../../src/index.ts'
import { MODEL_CHAINS } from '../../../src/policies/models/models.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import type { Script, ScriptedReply, ScriptedRequest } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { historyOf, summariesOf } from './support/history.ts'
import { requestsOf } from './support/troubled-provider.ts'

/* Answers that do not fit, and answers that are cut off, from the request to the run's output. */

const [{ model: PRIMARY }, { model: SECOND }] = MODEL_CHAINS.standard

const triage = defineAgent({
  name: 'triage',
  version: 'v1',
  purpose: 'Sorts a request.',
  instructions: 'Sort the request.',
  output: z.strictObject({ urgent: z.boolean(), team: z.enum(['billing', 'returns']) }),
})

const app = defineApp({
  name: 'sorting',
  agents: [
    triage,
    defineAgent({ name: 'writer', version: 'v1', instructions: 'Write.' }),
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'Have requests sorted.',
      tools: [subAgent({ to: 'triage' })],
    }),
  ],
})

const FITS = '{"urgent":true,"team":"billing"}'
const WRONG = '{"urgent":"very","team":"billing"}'
const cut = (text: string): ScriptedReply => ({ text, stop: 'max_output_tokens' })
/** `place`: how many answers of models the request has. */
type Story = (place: number, request: ScriptedRequest) => ScriptedReply

const STORIES: Readonly<Record<string, Story>> = {
  fits: () => ({ text: FITS }),
  fenced: () => ({ text: `\`\`\`json\n${FITS}\n\`\`\`` }),
  repaired: (place) => ({ text: place === 0 ? WRONG : FITS }),
  'repaired, to be seen': (place) => ({ text: place === 0 ? WRONG : FITS }),
  'repaired by another': (_, { model }) => ({ text: model === PRIMARY ? WRONG : FITS }),
  'never fits': () => ({ text: 'It is urgent, I think.' }),
  'fits when resumed': (place) => ({ text: place < 4 ? WRONG : FITS }),
  'cut in two': (place) => (place === 0 ? cut(FITS.slice(0, 12)) : { text: FITS.slice(12) }),
  'cut and joined wrongly': (place) => (place === 0 ? cut(FITS.slice(0, 12)) : { text: FITS }),
  'a long letter': (place) =>
    place < 2 ? cut(['Dear Ann,', ' thank you for'][place] ?? '') : { text: ' your letter.' },
  // A message in which nothing is said is not sent back.
  'nothing but thought': (_, { messages }) => (messages.length === 1 ? cut('') : { text: 'Here it is.' }),
  'with a question in the middle': (place, { messages }) => {
    if (place === 0) return cut('One, two')
    const last = messages.at(-1)
    return { text: place === 1 ? ', three.' : `You said: ${last?.role === 'user' ? last.text : ''}` }
  },
  'a dear repair': (place) => ({
    text: place === 0 ? WRONG : FITS,
    usage: { inputTokens: 2_000, outputTokens: 20 },
  }),
  'sort this': (place, { system, messages }) => {
    if (system.startsWith('Sort')) return { text: place === 0 ? WRONG : FITS }
    const result = messages.find(({ role }) => role === 'tool')
    if (result === undefined) return { toolCalls: [{ tool: 'ask_triage', arguments: { task: 'sort this' } }] }
    return { text: result.role === 'tool' ? result.content : '' }
  },
}

const said = Promise.withResolvers<void>()
const script: Script = async (request) => {
  const words = firstWords(request.messages)
  const place = request.messages.filter(({ role }) => role === 'assistant').length
  if (words === 'with a question in the middle' && place === 0) await said.promise
  return (STORIES[words] ?? assert.fail(`no story ${words}`))(place, request)
}

describe('answers that cannot be used as they are', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ app, script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  const start = async (agent: string, input: string, budget?: object) =>
    (await caller.start({ agent, input, ...(budget && { budget }) })).body.id

  async function runOf(agent: string, words: string) {
    const run = await caller.untilEnd(await start(agent, words))
    const answers = (await caller.events(run.id)).filter(({ type }) => type === 'model.completed')
    const asked = [PRIMARY, SECOND].map((model) => requestsOf(environment.provider, words, model).length)
    return { run, asked, answers: answers.map(({ data }) => data), messages: await caller.messages(run.id) }
  }

  for (const words of ['fits', 'fenced']) {
    test(`an answer that ${words} is the output, as text and as JSON`, async () => {
      const { run, asked, answers } = await runOf('triage', words)
      assert.deepEqual([run.status, run.output, asked], ['completed', FITS, [1, 0]])
      assert.deepEqual(run.output_json, JSON.parse(FITS))
      assert.equal(answers[0]?.['problem'], undefined)
    })
  }

  test('F18: an answer of a wrong form is repaired in one more turn, which is on the record and in the books', async () => {
    const { run, asked, answers, messages } = await runOf('triage', 'repaired')
    assert.deepEqual(
      [run.status, run.output_json, run.steps, asked],
      ['completed', JSON.parse(FITS), 2, [2, 0]],
    )
    assert.deepEqual(
      messages.map(({ role, about }) => [role, about]),
      [
        ['user', undefined],
        ['assistant', undefined],
        ['user', 'output_invalid'],
        ['assistant', undefined],
      ],
    )
    assert.match(messages[2]?.content ?? '', /\/urgent: Must be a boolean\.$/)
    assert.deepEqual(
      answers.map(({ problem, problem_at }) => [problem, problem_at]),
      [
        ['output_invalid', ['/urgent']],
        [undefined, undefined],
      ],
    )
    const charged = requestsOf(environment.provider, 'repaired', PRIMARY).map(({ charged }) => charged)
    const sum = (of: 'inputTokens' | 'outputTokens') =>
      charged.reduce((total, one) => total + (one?.[of] ?? Number.NaN), 0)
    assert.deepEqual(
      [run.usage.input_tokens, run.usage.output_tokens, run.usage.model_calls],
      [sum('inputTokens'), sum('outputTokens'), 2],
    )
  })

  test('F18: what one model does not repair the next one answers', async () => {
    const { run, asked } = await runOf('triage', 'repaired by another')
    assert.deepEqual([run.status, run.served_by, run.steps, asked], ['completed', SECOND, 3, [2, 1]])
  })

  test('F18: an answer that nobody repairs ends the run as such, with what there is', async () => {
    const { run, asked, answers } = await runOf('triage', 'never fits')
    assert.deepEqual([run.status, run.reason, asked], ['incomplete', 'output_invalid', [2, 2]])
    assert.deepEqual([run.output, run.output_json], ['It is urgent, I think.', undefined])
    assert.ok(
      answers.every(({ problem, problem_at }) => problem === 'output_invalid' && String(problem_at) === ''),
    )
    assert.equal(run.usage.model_calls, 4)
  })

  test('a run that ended over its output goes on when it is resumed', async () => {
    const words = 'fits when resumed'
    const id = await start('triage', words)
    assert.equal((await caller.untilEnd(id)).reason, 'output_invalid')
    assert.equal((await caller.resume(id)).status, 202)
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.output_json, run.steps], ['completed', JSON.parse(FITS), 5])
  })

  test('JSON that was cut off is checked when it is whole', async () => {
    const { run, asked, answers } = await runOf('triage', 'cut in two')
    assert.deepEqual([run.status, run.output, asked], ['completed', FITS, [2, 0]])
    assert.equal(answers[0]?.['problem'], 'cut_off')
    // A server that holds answers to the schema would begin anew.
    const [first, second] = requestsOf(environment.provider, 'cut in two', PRIMARY)
    assert.deepEqual([hasFormat(first?.body), hasFormat(second?.body)], [true, false])
  })

  test('JSON whose parts do not join is repaired as a whole', async () => {
    const { run, answers } = await runOf('triage', 'cut and joined wrongly')
    assert.deepEqual([run.status, run.output], ['completed', FITS])
    assert.deepEqual(
      answers.map(({ problem }) => problem),
      ['cut_off', 'output_invalid', undefined],
    )
  })

  test('the output of an answer in parts is all of it, letter by letter', async () => {
    const { run, messages } = await runOf('writer', 'a long letter')
    assert.deepEqual(
      [run.status, run.output, run.steps],
      ['completed', 'Dear Ann, thank you for your letter.', 3],
    )
    assert.deepEqual(
      messages.filter(({ role }) => role === 'assistant').map(({ content }) => content),
      ['Dear Ann,', ' thank you for', ' your letter.'],
    )
  })

  test('a model that has thought up to its limit is asked to come to its answer', async () => {
    const { run } = await runOf('writer', 'nothing but thought')
    assert.deepEqual([run.status, run.output, run.steps], ['completed', 'Here it is.', 2])
  })

  test('a message that comes in the middle of an answer is answered after it', async () => {
    const id = await start('writer', 'with a question in the middle')
    await caller.until(id, 'run.started')
    assert.equal((await caller.say(id, 'And four?')).status, 202)
    said.resolve()
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.output], ['completed', 'You said: And four?'])
    const contents = (await caller.messages(id)).map(
      ({ role, content, about }) => about ?? `${role}: ${content}`,
    )
    assert.deepEqual(contents, [
      'user: with a question in the middle',
      'assistant: One, two',
      'cut_off',
      'assistant: , three.',
      'user: And four?',
      'assistant: You said: And four?',
    ])
  })

  test('a repair that the budget does not cover waits for more of it, and is made then', async () => {
    const budget = { max_tokens: 4_000, on_reached: 'pause' }
    const id = await start('triage', 'a dear repair', budget)
    const reached = await caller.until(id, 'budget.reached')
    assert.equal(reached['limit'], 'tokens')
    const waiting = await caller.run(id)
    assert.ok(Number(waiting.budget?.spent.tokens) <= 4_000)
    await caller.changeBudget(id, { add: { tokens: 20_000 } })
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.output_json, run.usage.model_calls], ['completed', JSON.parse(FITS), 2])
  })

  test('a budget that ends a run in a repair ends it over the budget, within its limit', async () => {
    const id = await start('triage', 'a dear repair', { max_tokens: 4_000, on_reached: 'fail' })
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.reason, run.output_json], ['failed', 'budget', undefined])
    assert.ok(Number(run.budget?.spent.tokens) <= 4_000)
    assert.equal(run.usage.model_calls, 1)
  })

  test('a sub-agent with an output schema gives its parent JSON', async () => {
    const { run } = await runOf('desk', 'sort this')
    assert.deepEqual([run.status, run.output], ['completed', `{"answer":${FITS}}`])
  })

  test('the Web UI says why the model is asked again', async () => {
    const { run } = await runOf('triage', 'repaired, to be seen')
    const row = await findRun(environment.database, 'default', run.id)
    const { client } = environment.temporal
    const summaries = summariesOf(await historyOf(client, row?.workflowId ?? assert.fail('no run')))
    const asked = summaries.filter((summary) => summary.startsWith('callModel'))
    assert.deepEqual(asked, [
      `callModel: step 1 · ${PRIMARY}`,
      `callModel: step 2 · ${PRIMARY} · asks again: 1 thing does not fit`,
    ])
  })
})

function hasFormat(body: unknown): boolean {
  return (body as { text?: { format?: unknown } }).text?.format !== undefined
}
