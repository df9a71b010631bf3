import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readConfig } from '../../../src/config/config.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import { type Service, startService } from '../../../src/local/start-service.ts'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'
import type { ScriptedRequest } from '../../../src/testing/script.ts'
import { type ScriptedProvider, startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { temporalEnvironment } from '../../support/temporal.ts'
import { requireTestRuntime } from '../../support/test-runtime.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* An application whose models are on servers of its own: two that speak Chat, at once. */

const KEY = 'key-of-vllm'
const TOKENS = { inputTokens: 1_000, outputTokens: 500 }
const DEGRADED = 'No model could be asked.'

const rest = { version: 'v1', instructions: 'You help.', degradedAnswer: DEGRADED } as const
const app = defineApp({
  name: 'own_servers',
  agents: [
    defineAgent({ name: 'big', ...rest, models: ['vllm/qwen3'] }),
    defineAgent({ name: 'small', ...rest, models: ['ollama/qwen3:8b'] }),
    defineAgent({ name: 'both', ...rest, models: ['vllm/broken', 'ollama/qwen3:8b'] }),
    defineAgent({ name: 'unpriced', ...rest, models: ['vllm/mystery'] }),
    defineAgent({ name: 'keyless', ...rest, models: ['gateway/any'] }),
  ],
  models: {
    providers: {
      vllm: { wire: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'VLLM_KEY' },
      ollama: { wire: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1' },
      gateway: { wire: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'GATEWAY_KEY' },
    },
    prices: [
      { model: 'vllm/qwen3', input: 2_000_000, output: 4_000_000 },
      { model: 'vllm/broken', input: 2_000_000, output: 4_000_000 },
      { model: 'ollama/qwen3:8b', input: 0, output: 0 },
      { model: 'gateway/any', input: 1, output: 1 },
    ],
  },
})

describe('an application with servers of its own', { concurrency: true }, () => {
  const cleanup = new AsyncDisposableStack()
  const said: string[] = []
  let vllm: ScriptedProvider
  let ollama: ScriptedProvider
  let service: Service
  let caller: Caller

  before(async () => {
    requireTestRuntime()
    const temporal = await temporalEnvironment()
    cleanup.defer(() => temporal.close())
    const opened = await openPgliteTestDatabase()
    cleanup.defer(() => opened.close())
    vllm = await startScriptedProvider({ script: answerAs('vllm') })
    cleanup.defer(() => vllm.close())
    ollama = await startScriptedProvider({ script: answerAs('ollama') })
    cleanup.defer(() => ollama.close())
    const variables = {
      VLLM_KEY: KEY,
      VLLM_BASE_URL: `${vllm.url}/v1`,
      OLLAMA_BASE_URL: `${ollama.url}/v1`,
    }
    const write = (line: string) => said.push(String((JSON.parse(line) as { msg?: unknown }).msg))
    const logger = createLogger(
      { levels: { base: 'warn', areas: {} }, format: 'json', secrets: [] },
      { write },
    )
    service = await startService({
      app,
      temporal,
      database: opened.database,
      providers: readConfig(variables, false, app.environment).providers,
      api: { host: '127.0.0.1', port: 0 },
      access: 'open',
      webUiUrl: null,
      logger,
      workflowBundle: await testWorkflowBundle(),
    })
    cleanup.defer(() => service.stop())
    caller = createCaller(service.url)
  })
  after(() => cleanup.disposeAsync())

  const run = async (agent: string) => {
    const { body } = await caller.start({ agent, input: `Hello, ${agent}.` })
    return caller.untilEnd(body.id)
  }

  test('each model is asked at its own server, with that server’s key or without one', async () => {
    const [big, small] = await Promise.all([run('big'), run('small')])
    assert.deepEqual([big.output, small.output], ['qwen3 of vllm', 'qwen3:8b of ollama'])
    const keys = ({ requests }: ScriptedProvider) =>
      new Set(requests.map(({ headers }) => headers['authorization']))
    assert.deepEqual(keys(vllm), new Set([`Bearer ${KEY}`]))
    assert.deepEqual(keys(ollama), new Set([undefined]))
  })

  test('what a call costs is what the application says', async () => {
    const [big, small] = await Promise.all([run('big'), run('small')])
    assert.deepEqual([big.usage.cost_micro_usd, small.usage.cost_micro_usd], [2_000 + 2_000, 0])
  })

  test('where one server refuses, the next one of the chain is asked', async () => {
    const both = await run('both')
    assert.deepEqual(
      [both.status, both.served_by, both.output],
      ['completed', 'qwen3:8b', 'qwen3:8b of ollama'],
    )
    const failed = (await caller.events(both.id)).filter(({ type }) => type === 'model.failed')
    assert.deepEqual(
      failed.map(({ data }) => [data['model'], data['code']]),
      [['broken', 'model_unauthorized']],
    )
  })

  for (const [agent, reason] of [
    ['unpriced', 'model_price_unknown'],
    ['keyless', 'model_key_missing'],
  ] as const) {
    test(`a run whose only model lacks something says so: ${reason}`, async () => {
      const ended = await run(agent)
      assert.deepEqual([ended.status, ended.reason, ended.output], ['incomplete', reason, DEGRADED])
      assert.deepEqual([ended.usage.cost_micro_usd, ended.served_by], [0, undefined])
    })
  }

  test('what the models lack was said at the start', () => {
    const lacking = said.filter((text) => /has no key|has no price/.test(text))
    assert.equal(lacking.length, 2)
    assert.match(
      lacking[0] ?? '',
      /^gateway has no key, so gateway\/any cannot be asked \(keyless\)\. Set GATEWAY_KEY\.$/,
    )
    assert.match(
      lacking[1] ?? '',
      /^vllm\/mystery \(unpriced\) has no price: .*\{ model: 'vllm\/mystery', input: …/,
    )
  })
})

function answerAs(server: string) {
  return ({ model }: ScriptedRequest) =>
    model === 'broken' ? { fault: { status: 401 } } : { text: `${model} of ${server}`, usage: TOKENS }
}
