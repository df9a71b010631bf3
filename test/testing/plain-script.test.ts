import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createModelAdapters } from '../../src/activities/models/create-model-adapters.ts'
import { answerSchemaOf } from '../../src/app/answer-schema.ts'
import { outputSchemaOf } from '../../src/testing/output-schema-of.ts'
import { plainScript } from '../../src/testing/plain-script.ts'
import { sampleOfSchema } from '../../src/testing/sample-of-schema.ts'
import { HELLO, providersAt, requestOn, startAsking, WIRES } from '../activities/models/support/ask.ts'

const ORDER = z.object({
  summary: z.string(),
  state: z.enum(['open', 'shipped']),
  kind: z.literal('order'),
  total: z.number(),
  items: z.array(z.object({ name: z.string(), count: z.int() })),
  note: z.string().nullable(),
  isPaid: z.boolean(),
})

for (const wire of WIRES) {
  test(`${wire}: without a provider, an agent with an output schema gets a sample that fits and says that it is scripted`, async (t) => {
    const { provider } = await startAsking(t, plainScript)
    const { jsonSchema: schema, misfits } = answerSchemaOf(ORDER)
    const request = { ...requestOn(wire, HELLO), output: { name: 'order', schema } }
    const options = { signal: new AbortController().signal, onProgress: () => undefined }
    const { message } = await createModelAdapters(providersAt(provider.url))(request.model).generate(
      request,
      options,
    )
    const value = JSON.parse(message.text)
    assert.deepEqual(misfits(value), [])
    assert.match(value.summary, /scripted answer/)
  })
}

interface Tree {
  readonly name: string
  readonly children: readonly Tree[]
}
const TREE: z.ZodType<Tree> = z.object({ name: z.string(), children: z.array(z.lazy(() => TREE)) })

for (const [what, schema] of Object.entries({
  'bounded amounts': z.object({
    small: z.int().min(3).max(4),
    above: z.number().gt(2),
    below: z.number().lt(-2),
    between: z.number().gt(0).lt(1),
    even: z.int().min(3).multipleOf(2),
  }),
  'bounded texts': z.object({ code: z.string().max(5), long: z.string().min(200) }),
  formats: z.object({ at: z.iso.datetime(), on: z.iso.date(), by: z.email(), at_url: z.url(), id: z.uuid() }),
  'lists with a least length': z.object({ two: z.array(z.string()).min(2) }),
  branches: z.discriminatedUnion('type', [
    z.object({ type: z.literal('a'), a: z.string() }),
    z.object({ type: z.literal('b'), b: z.number() }),
  ]),
  'optional members, defaults and maps': z.object({
    maybe: z.string().optional(),
    size: z.number().default(7),
    map: z.record(z.string(), z.number()),
  }),
  'a schema that refers to itself': TREE,
})) {
  test(`a sample fits ${what}`, () => {
    const { jsonSchema, misfits } = answerSchemaOf(schema)
    assert.deepEqual(misfits(sampleOfSchema(jsonSchema, 'Scripted.')), [])
  })
}

test('the schema of the instructions counts before a stricter form of it; a broken request has none', () => {
  const body = { text: { format: { schema: { type: 'string' } } } }
  assert.deepEqual(outputSchemaOf({ system: 'You help.', body }), { type: 'string' })
  for (const odd of [null, 'text', { text: 1 }, { output_config: { format: { schema: 'no' } } }])
    assert.equal(outputSchemaOf({ system: '', body: odd }), null)
})
