import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import { anthropicStrictSchema } from '../../../../src/activities/models/wires/anthropic-messages/strict-schema.ts'
import { openaiStrictSchema } from '../../../../src/activities/models/wires/openai-strict-schema.ts'
import { answerSchemaOf } from '../../../../src/app/answer-schema.ts'
import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { OUTPUT_INSTRUCTION } from '../../../../src/policies/models/answers.ts'
import type { DialectOverride } from '../../../../src/policies/models/dialects.ts'
import type { Script, ScriptedStatus } from '../../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { HELLO, LOOK_UP, MODELS, providersAt, requestOn, WIRES } from '../support/ask.ts'

const STRICT = answerSchemaOf(z.strictObject({ urgent: z.boolean(), tags: z.array(z.string()) })).jsonSchema
const OPTIONAL = answerSchemaOf(z.strictObject({ urgent: z.boolean().optional() })).jsonSchema
const MAP = answerSchemaOf(z.strictObject({ totals: z.record(z.string(), z.number()) })).jsonSchema
const ANSWER = '{"urgent":true,"tags":[]}'
/** The scripted provider stands on loopback, where a compatible server would. */
const AS_OPENAI: readonly DialectOverride[] = [
  { provider: 'openai', structuredOutput: 'strict' },
  { provider: 'anthropic', structuredOutput: 'strict' },
]

interface Asked {
  readonly schema?: JsonObject
  readonly dialects?: readonly DialectOverride[]
  readonly tools?: boolean
}

/** Asks over sockets. What was sent: the request's native parameter as the wire has it, and its instructions. */
async function startAsking(t: TestContext, script: Script = () => ({ text: ANSWER })) {
  const provider = await startScriptedProvider({ script })
  t.after(() => provider.close())
  const adapters = new Map<unknown, ReturnType<typeof createModelAdapters>>()
  return async (wire: Wire, { schema = STRICT, dialects = AS_OPENAI, tools = false }: Asked = {}) => {
    const before = provider.requests.length
    const adapterFor = adapters.get(dialects) ?? createModelAdapters(providersAt(provider.url), { dialects })
    adapters.set(dialects, adapterFor)
    const request = {
      ...requestOn(wire, HELLO),
      tools: tools ? [LOOK_UP] : [],
      output: { name: 'triage', schema },
    }
    const { signal } = new AbortController()
    await adapterFor(MODELS[wire]).generate(request, { signal, onProgress: () => undefined })
    return provider.requests.slice(before).map(({ body, system }) => ({ native: nativeOf(body), system }))
  }
}

function nativeOf(body: unknown): unknown {
  const { text, response_format, output_config } = body as Record<string, unknown>
  return text ?? response_format ?? output_config
}

const instructed = (schema: JsonObject) => `You help.\n\n${OUTPUT_INSTRUCTION}\n${JSON.stringify(schema)}`

test('each wire gets the schema in its own strict parameter, and no instruction beside it', async (t) => {
  const ask = await startAsking(t)
  const json_schema = { name: 'triage', schema: STRICT, strict: true }
  for (const tools of [false, true]) {
    assert.deepEqual(await ask('openai-responses', { tools }), [
      { native: { format: { type: 'json_schema', ...json_schema } }, system: 'You help.' },
    ])
    assert.deepEqual(await ask('openai-chat', { tools }), [
      { native: { type: 'json_schema', json_schema }, system: 'You help.' },
    ])
    assert.deepEqual(await ask('anthropic-messages', { tools }), [
      { native: { format: { type: 'json_schema', schema: STRICT } }, system: 'You help.' },
    ])
  }
})

test('a schema that OpenAI’s strict mode can’t express goes without strict, and with an instruction', async (t) => {
  const ask = await startAsking(t)
  for (const schema of [OPTIONAL, MAP]) {
    assert.deepEqual(await ask('openai-responses', { schema }), [
      {
        native: { format: { type: 'json_schema', name: 'triage', schema, strict: false } },
        system: instructed(schema),
      },
    ])
    const [chat] = await ask('openai-chat', { schema })
    assert.deepEqual(chat?.native, {
      type: 'json_schema',
      json_schema: { name: 'triage', schema, strict: false },
    })
  }
})

test('a schema that Anthropic can’t express is in the instructions alone', async (t) => {
  const ask = await startAsking(t)
  assert.deepEqual(await ask('anthropic-messages', { schema: MAP }), [
    { native: undefined, system: instructed(MAP) },
  ])
  const [optional] = await ask('anthropic-messages', { schema: OPTIONAL })
  assert.deepEqual(optional, {
    native: { format: { type: 'json_schema', schema: OPTIONAL } },
    system: 'You help.',
  })
})

test('a compatible server gets the schema only where no tool is offered, and always an instruction', async (t) => {
  const ask = await startAsking(t)
  const native = { type: 'json_schema', json_schema: { name: 'triage', schema: STRICT } }
  assert.deepEqual(await ask('openai-chat', { dialects: [] }), [{ native, system: instructed(STRICT) }])
  assert.deepEqual(await ask('openai-chat', { dialects: [], tools: true }), [
    { native: undefined, system: instructed(STRICT) },
  ])
})

test('a request without a schema has no such parameter on any wire', async (t) => {
  const provider = await startScriptedProvider({ script: () => ({ text: 'Hello.' }) })
  t.after(() => provider.close())
  const adapterFor = createModelAdapters(providersAt(provider.url), { dialects: AS_OPENAI })
  const { signal } = new AbortController()
  for (const wire of WIRES) {
    await adapterFor(MODELS[wire]).generate(requestOn(wire, HELLO), { signal, onProgress: () => undefined })
  }
  for (const { body, system } of provider.requests) {
    assert.deepEqual([nativeOf(body), system], [undefined, 'You help.'])
  }
})

const refusal = (message: string): ScriptedStatus => ({
  status: 400,
  body: { error: { message, type: 'invalid_request_error' } },
})
const anthropicRefusal = (message: string): ScriptedStatus => ({
  status: 400,
  body: { type: 'error', error: { type: 'invalid_request_error', message } },
})

/** Servers without the parameter: how they say so, and how many requests it takes them the first time. */
const REFUSALS: readonly (readonly [Wire, ScriptedStatus, number])[] = [
  ['openai-responses', refusal("Unsupported parameter: 'text.format' is not supported with this model."), 3],
  ['openai-chat', refusal('This response_format type is unavailable now'), 3],
  ['openai-chat', refusal('response_format: Extra inputs are not permitted'), 3],
  [
    'openai-chat',
    refusal("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
    3,
  ],
  ['anthropic-messages', anthropicRefusal('output_config: Extra inputs are not permitted'), 2],
  ['anthropic-messages', anthropicRefusal("'claude-haiku-3' does not support structured outputs."), 2],
]

for (const [wire, fault, requests] of REFUSALS) {
  test(`${wire}, ${JSON.stringify(fault.body).slice(0, 90)}: instructed instead, and from the first request on later`, async (t) => {
    const ask = await startAsking(t, ({ body }) => (nativeOf(body) ? { fault } : { text: ANSWER }))
    const first = await ask(wire)
    assert.equal(first.length, requests)
    assert.deepEqual(first.at(-1), { native: undefined, system: instructed(STRICT) })
    assert.deepEqual(await ask(wire), [first.at(-1)])
  })
}

test('a schema that a server refuses is sent otherwise, and the next one is sent as before', async (t) => {
  const ask = await startAsking(t, ({ body }) => {
    const isRefused = JSON.stringify(nativeOf(body) ?? '').includes('tags')
    return isRefused
      ? { fault: refusal("Invalid schema for response_format 'triage': In context=('properties'), no.") }
      : { text: '{}' }
  })
  assert.equal((await ask('openai-chat')).at(-1)?.system, instructed(STRICT))
  const other = answerSchemaOf(z.strictObject({ urgent: z.boolean() })).jsonSchema
  assert.deepEqual(await ask('openai-chat', { schema: other }), [
    {
      native: { type: 'json_schema', json_schema: { name: 'triage', schema: other, strict: true } },
      system: 'You help.',
    },
  ])
})

test('strict forms are closed, and leave nothing out without saying so', () => {
  const loose = answerSchemaOf(z.object({ a: z.string().min(3) })).jsonSchema
  assert.equal(openaiStrictSchema(loose)?.['additionalProperties'], false)
  const { additionalProperties, properties } = anthropicStrictSchema(loose) ?? {}
  assert.equal(additionalProperties, false)
  assert.match(JSON.stringify(properties), /minLength/)
  const node: z.ZodType = z.strictObject({
    name: z.string(),
    get children() {
      return z.array(node)
    },
  })
  assert.equal(anthropicStrictSchema(answerSchemaOf(node).jsonSchema), null)
  assert.equal(anthropicStrictSchema(MAP), null)
  assert.equal(openaiStrictSchema(MAP), null)
  assert.equal(anthropicStrictSchema(answerSchemaOf(z.strictObject({ any: z.unknown() })).jsonSchema), null)
})

test('on every wire an answer that is cut off in a call says so, and one that is cut off in its text does not', async (t) => {
  const call = { tool: 'look_up', arguments: '{"id": "4' }
  const provider = await startScriptedProvider({
    script: ({ system }) =>
      system === 'call'
        ? { text: 'I look.', toolCalls: [call], stop: 'max_output_tokens' }
        : { text: 'As I', stop: 'max_output_tokens' },
  })
  t.after(() => provider.close())
  const adapterFor = createModelAdapters(providersAt(provider.url), {})
  const { signal } = new AbortController()
  for (const wire of WIRES) {
    const ask = (system: string) =>
      adapterFor(MODELS[wire]).generate(
        { ...requestOn(wire, HELLO), system },
        { signal, onProgress: () => undefined },
      )
    assert.equal((await ask('call')).cutOffInCall, true, wire)
    assert.equal((await ask('text')).cutOffInCall, undefined, wire)
  }
})
