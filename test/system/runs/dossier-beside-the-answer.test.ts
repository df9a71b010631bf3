import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import type { ModelCallResource, TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import { trace as traceSchema } from '../../../src/api/dossier/trace.schema.ts'
import { defineAgent, defineApp, defineTool } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { type ScriptedProvider, startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { recordingTemporal } from '../../api/support/recording-temporal.ts'
import { startApi, type TestApi } from '../../api/support/start-api.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'
import { isSummaryRequest } from './support/long-talk.ts'

/* Requests that are not simply asked and answered: hedges, answers in the background, classifiers, summaries and embeddings. */

const QUESTION = 'Is it easy or hard?'
const LOOKS = 14

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks something up.',
  input: z.strictObject({ page: z.int() }),
  effect: 'read',
  execute: ({ page }) => ({ page, text: 'What stands on the page. '.repeat(60) }),
})

const MODELS = ['silent', 'ready', 'sorter', 'slow', 'reader'] as const

const agentOf = (name: string) => ({ name, version: 'v1', instructions: 'You help.' })
const app = defineApp({
  name: 'beside',
  agents: [
    defineAgent({
      ...agentOf('hedged'),
      models: [{ model: 'openai/silent', hedge: { afterMs: 50 } }, 'openai/ready'],
    }),
    defineAgent({ ...agentOf('patient'), models: [{ model: 'openai/slow', background: true }] }),
    defineAgent({
      ...agentOf('sorted'),
      models: ['openai/ready'],
      routing: [
        {
          name: 'difficulty',
          classifier: {
            model: 'openai/sorter',
            question: QUESTION,
            labels: { easy: ['openai/ready'], hard: ['openai/slow'] },
          },
        },
      ],
    }),
    defineAgent({
      ...agentOf('reader'),
      models: ['openai/reader'],
      window: { maxTokens: 4_000, strategy: 'both' },
      tools: [lookUp],
    }),
    defineAgent({
      ...agentOf('faq'),
      models: ['openai/ready'],
      cache: { semantic: { ttlMs: 600_000 } },
    }),
  ],
  models: {
    prices: MODELS.map((name) => ({ model: `openai/${name}` as const, input: 1_000_000, output: 1_000_000 })),
  },
})

function script(): Script {
  let looks = 0
  return (request) => {
    const { model } = request
    if (isSummaryRequest(request)) return { text: 'Pages were looked up.' }
    if (model === 'silent') return { fault: 'hang' }
    // The connection breaks, and the answer goes on at the provider.
    if (model === 'slow') return { text: 'A story that goes on. '.repeat(20), fault: 'reset' }
    if (model === 'sorter') return { text: 'easy' }
    if (model === 'reader' && looks < LOOKS) {
      looks += 1
      return { text: 'On it.', toolCalls: [{ tool: 'look_up', arguments: { page: looks } }] }
    }
    return { text: `${model} has answered.` }
  }
}

describe('the dossier of what is asked beside an answer', () => {
  let embeddings: ScriptedProvider
  let environment: Environment
  let api: TestApi
  const runs = new Map<string, string>()

  before(async () => {
    embeddings = await startScriptedProvider({ script: () => assert.fail('gives no answers') })
    environment = await startEnvironment({
      app,
      script: script(),
      embeddings: { baseUrl: `${embeddings.url}/v1`, apiKey: null, model: 'embedder', prefix: '' },
    })
    const caller = createCaller(environment.service.url)
    await Promise.all(
      ['hedged', 'patient', 'sorted', 'reader', 'faq'].map(async (agent) => {
        const { body } = await caller.start({ agent, input: `What does ${agent} say?` })
        const { status } = await caller.untilEnd(body.id)
        assert.equal(status, 'completed', agent)
        runs.set(agent, body.id)
      }),
    )
    // A worker that stops writes what is kept to the end.
    await environment.service.stop()
    api = await startApi(environment.database, recordingTemporal().client, 'test', { app })
  })
  after(async () => {
    await api.close()
    await environment.close()
    await embeddings.close()
  })

  async function trace(agent: string, query = ''): Promise<TraceResource> {
    const answer = await fetch(`${api.url}/v1/runs/${runs.get(agent)}/trace${query}`)
    assert.equal(answer.status, 200)
    const found = (await answer.json()) as TraceResource
    assert.deepEqual(traceSchema.parse(found), found)
    return found
  }

  async function story(agent: string): Promise<string> {
    const url = `${api.url}/v1/runs/${runs.get(agent)}/trace`
    return (await fetch(url, { headers: { accept: 'text/plain' } })).text()
  }

  async function callsOf(agent: string, step = 1): Promise<ModelCallResource[]> {
    return (await trace(agent, `?step=${step}`)).steps[0]?.model_calls ?? []
  }

  test('a hedge: both requests, which one won, and what the other one may cost', async () => {
    const [first, second] = await callsOf('hedged')
    const [stopped] = first?.attempts ?? []
    const [won] = second?.attempts ?? []
    assert.deepEqual(
      [stopped?.model, stopped?.status, stopped?.code, stopped?.cost_micro_usd],
      ['silent', 'unknown', 'model_call_stopped', null],
    )
    assert.ok((stopped?.unknown_micro_usd ?? 0) > 0)
    assert.deepEqual([won?.model, won?.status, (won?.cost_micro_usd ?? 0) > 0], ['ready', 'ok', true])
    assert.match(stopped?.exchanges[0]?.request.text ?? '', /^\{"model":"silent"/)
    assert.match(won?.exchanges[0]?.request.text ?? '', /^\{"model":"ready"/)
    assert.deepEqual(
      [stopped, won].map((attempt) =>
        attempt?.exchanges.map(({ status, complete, lost }) => [status, complete, lost]),
      ),
      [[[null, false, undefined]], [[200, true, undefined]]],
    )
    assert.deepEqual(second?.answer?.hedge, { hop: 0, model: 'silent', outcome: 'stopped' })
    const told = await story('hedged')
    assert.match(told, /no answer in .+\n +was stopped, cost unknown: \$0\.\d+ counts\n/)
    assert.match(told, /of two that were asked at once: silent \(hop 0\) was slower, and was stopped\n/)
  })

  test('an answer in the background: its request, whose connection broke, and how it was read on', async () => {
    const [call] = await callsOf('patient')
    assert.equal(call?.attempts.length, 1)
    const [asked, read] = call?.attempts[0]?.exchanges ?? []
    assert.equal(call?.attempts[0]?.exchanges.length, 2)
    assert.deepEqual([asked?.method, asked?.status, asked?.complete], ['POST', 200, false])
    assert.match(asked?.request.text ?? '', /"background":true/)
    assert.deepEqual([read?.method, read?.status, read?.complete], ['GET', 200, true])
    assert.match(read?.url ?? '', /\/v1\/responses\/resp_\w+\?stream=true&.*starting_after=\d+/)
    assert.match(read?.answer.text ?? '', /response\.completed/)
    assert.match(await story('patient'), /\n +\d\d:\d\d:\d\d\.\d{3} GET http.*\n +200 after/)
  })

  test('a classifier: what it was asked, beside the answer of the step', async () => {
    const calls = await callsOf('sorted')
    assert.deepEqual(
      calls.map(({ purpose, model, attempts }) => [purpose, model, attempts.map(({ status }) => status)]),
      [
        ['classifier', 'sorter', ['ok']],
        ['answer', 'ready', ['ok']],
      ],
    )
    const [sorted] = calls[0]?.attempts[0]?.exchanges ?? []
    assert.ok(sorted?.request.text?.includes(QUESTION))
    assert.match(sorted?.answer.text ?? '', /easy/)
    assert.match(await story('sorted'), / asks +openai sorter \(classifier, attempt 1\)\n/)
  })

  test('a summary: what was to be shortened, and what came of it', async () => {
    const { steps } = await trace('reader')
    const summed = steps.find(({ model_calls }) => model_calls.some(({ purpose }) => purpose === 'summary'))
    const calls = await callsOf('reader', summed?.step ?? assert.fail('no summary is told of'))
    const [summary] = calls.filter(({ purpose }) => purpose === 'summary')
    const [exchange] = summary?.attempts[0]?.exchanges ?? []
    assert.match(exchange?.request.text ?? '', /You shorten conversations/)
    assert.match(exchange?.request.text ?? '', /What stands on the page/)
    assert.match(exchange?.answer.text ?? '', /Pages were looked up/)
    assert.match(await story('reader'), / asks +openai reader \(summary, attempt \d+\)\n/)
  })

  test('an embedding: the text whose meaning was asked for, under the server that was asked', async () => {
    const [call] = await callsOf('faq')
    assert.deepEqual(
      call?.attempts.map(({ purpose, provider, model }) => [purpose, provider, model]),
      [
        ['embedding', 'embeddings', 'embedder'],
        ['answer', 'openai', 'ready'],
      ],
    )
    const [exchange] = call?.attempts[0]?.exchanges ?? []
    assert.match(exchange?.url ?? '', /\/v1\/embeddings$/)
    assert.match(exchange?.request.text ?? '', /What does faq say\?/)
    assert.match(await story('faq'), / asks +embeddings embedder \(embedding, attempt 1\)\n/)
  })
})
