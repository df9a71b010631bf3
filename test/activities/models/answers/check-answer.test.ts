import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { checkAnswer } from '../../../../src/activities/models/answers/check-answer.ts'
import { cutOffPart } from '../../../../src/activities/models/answers/cut-off-part.ts'
import { findAnswerSchema } from '../../../../src/activities/models/answers/find-answer-schema.ts'
import { readJsonAnswer } from '../../../../src/activities/models/answers/read-json-answer.ts'
import type { ModelAnswer } from '../../../../src/activities/models/wires/model-adapter.ts'
import { answerSchemaOf } from '../../../../src/app/answer-schema.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import { TOLD_MISFITS } from '../../../../src/policies/models/answers.ts'
import { assistantMessage } from '../../../store/support/samples.ts'

const HELLO: readonly Message[] = [{ role: 'user', text: 'Hello' }]
const schema = answerSchemaOf(
  z.strictObject({
    urgent: z.boolean(),
    tags: z.array(z.string().max(8)).min(1),
    note: z.string().optional(),
  }),
)

function answer(text: string, changes: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    message: assistantMessage(text),
    stop: 'end',
    usage: { inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
    servedBy: 'gpt-test',
    requestId: null,
    ...changes,
  }
}

const CUT = { stop: 'max_output_tokens' } as const
const check = (of: ModelAnswer, transcript = HELLO) =>
  checkAnswer(of, { transcript, schema, continues: true })

test('an answer that fits is the run’s output as it stands, or without the fence around it', () => {
  const json = '{"urgent":true,"tags":["a"]}'
  assert.deepEqual(check(answer(json)), { result: { fits: true } })
  for (const fenced of [`\`\`\`json\n${json}\n\`\`\``, `\n\`\`\`\n  ${json}\n\`\`\`\n`]) {
    assert.deepEqual(check(answer(fenced)), { result: { fits: true, output: json } })
  }
})

test('what does not fit is told in our own words, by JSON pointers', () => {
  const { fault, misfits, note, result } = check(
    answer('{"urgent":"yes","tags":["much too long"],"more":1,"note":null}'),
  )
  assert.deepEqual(fault, { problem: 'output_invalid', misfits: 4 })
  assert.deepEqual(misfits, ['/urgent', '/tags/0', '/note', '/more'])
  assert.deepEqual([note?.role, note?.about, result], ['user', 'output_invalid', {}])
  const lines = note?.text.split('\n').slice(1)
  assert.deepEqual(lines, [
    '- /urgent: Must be a boolean.',
    '- /tags/0: Must be at most 8 characters long.',
    '- /note: Must be a string.',
    '- /more: Unknown property.',
  ])
})

for (const [what, text] of [
  ['prose', 'It is urgent.'],
  ['half of it', '{"urgent": tr'],
  ['two documents', '{"urgent":true,"tags":["a"]}{}'],
  ['JSON with words around it', 'Here you are: {"urgent":true,"tags":["a"]}'],
  ['a fence that nothing ends', '```json\n{"urgent":true}'],
  ['nothing but a fence', '``````'],
  ['an HTML page', '<html><body>502 Bad Gateway</body></html>'],
] as const) {
  test(`${what} is no JSON answer`, () => {
    const { fault, misfits, note } = check(answer(text))
    assert.deepEqual([fault, misfits], [{ problem: 'output_invalid', misfits: 1 }, ['']])
    assert.match(note?.text ?? '', /not one JSON document/)
    assert.ok(!note?.text.includes(text))
  })
}

for (const text of ['[]', 'null', '7', '"text"', '{}', '[{"urgent":true}]']) {
  test(`${text} is JSON that does not fit`, () => {
    assert.equal(check(answer(text)).fault?.problem, 'output_invalid')
  })
}

test('JSON that is nested without end is refused before a schema is held against it', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  assert.equal(readJsonAnswer(deep), 'too_deep')
  assert.equal(check(answer(deep)).fault?.problem, 'output_invalid')
})

test('of very many misfits the first are told, each cut, and how many more there are', () => {
  const wrong = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}${'x'.repeat(1_000)}`, 1]))
  const { fault, misfits = [], note } = check(answer(JSON.stringify(wrong)))
  assert.equal(fault?.misfits, 52)
  assert.equal(misfits.length, TOLD_MISFITS.most)
  assert.ok(misfits.every((pointer) => pointer.length <= TOLD_MISFITS.pointerCharacters))
  assert.match(note?.text ?? '', /and 32 more$/)
})

test('a cut-off answer is told to go on, or to begin anew where nothing of it can be used', () => {
  const goOn = check(answer('As I was', CUT))
  assert.deepEqual([goOn.fault, goOn.note?.about], [{ problem: 'cut_off' }, 'cut_off'])
  const blank = check(answer(' \n', CUT))
  assert.deepEqual(blank.fault, { problem: 'cut_off' })
  assert.notEqual(blank.note?.text, goOn.note?.text)
  const inCall = check(answer('I look', { ...CUT, cutOffInCall: true }))
  assert.deepEqual([inCall.fault, inCall.note?.about], [{ problem: 'call_cut_off' }, 'call_cut_off'])
})

test('parts are joined letter by letter, however many, and JSON is checked when it is whole', () => {
  let transcript: readonly Message[] = HELLO
  for (const part of ['{"urgent":tr', 'ue,"ta', 'gs":["a']) {
    const { result, note } = check(answer(part, CUT), transcript)
    assert.ok(note)
    transcript = [...transcript, { ...assistantMessage(part), ...result }, note]
  }
  assert.equal(cutOffPart(transcript), '{"urgent":true,"tags":["a')
  assert.deepEqual(check(answer('"]}'), transcript), {
    result: { fits: true, output: '{"urgent":true,"tags":["a"]}' },
  })
  const broken = check(answer(']}'), transcript)
  assert.deepEqual(broken.result, { output: '{"urgent":true,"tags":["a]}' })
  assert.equal(broken.fault?.problem, 'output_invalid')
})

test('an answer to something else is not joined with what was cut off before', () => {
  const { note } = check(answer('As I was', CUT))
  assert.ok(note)
  const cut = [...HELLO, assistantMessage('As I was'), note]
  assert.equal(cutOffPart([...cut, { role: 'user', text: 'Never mind.' }]), '')
  assert.equal(cutOffPart([...cut, assistantMessage('about to'), { role: 'user', text: 'Thanks.' }]), '')
  assert.equal(cutOffPart([]), '')
})

test('a refusal and what stands beside calls are not held to the schema', () => {
  assert.deepEqual(check(answer('I will not.', { stop: 'refusal' })), { result: {} })
  assert.deepEqual(check(answer('I look.', { stop: 'tool_calls' })), { result: {} })
})

test('without a schema any text is an answer, and without turns for it a cut-off one ends as it is', () => {
  const rules = { transcript: HELLO, schema: null, continues: false }
  assert.deepEqual(checkAnswer(answer('Hello.'), rules), { result: {} })
  assert.deepEqual(checkAnswer(answer('As I', CUT), rules), { result: {} })
})

test('the application’s own schema checks the answers of a plan with the same one; else the plan’s does', () => {
  const own = answerSchemaOf(
    z.strictObject({ net: z.int(), gross: z.int() }).refine(({ net, gross }) => gross >= net, {
      path: ['gross'],
      message: 'Must not be below net.',
    }),
  )
  const app = { answerSchema: (agent: string) => (agent === 'billing' ? own : null) }
  const lower = { net: 2, gross: 1 }
  const found = findAnswerSchema(app, 'billing', structuredClone(own.jsonSchema))
  assert.deepEqual(found?.misfits(lower), [{ pointer: '/gross', detail: 'Must not be below net.' }])
  // A refinement is code, which a plan does not have.
  assert.deepEqual(findAnswerSchema(app, 'another', own.jsonSchema)?.misfits(lower), [])
  const older = answerSchemaOf(z.strictObject({ net: z.int() })).jsonSchema
  assert.deepEqual(
    findAnswerSchema(app, 'billing', older)
      ?.misfits(lower)
      .map(({ pointer }) => pointer),
    ['/gross'],
  )
  assert.equal(findAnswerSchema(app, 'another', { type: 'no such type' }), null)
})

test('a schema that excludes by a member is told without oneOf, which strict modes do not know', () => {
  const of = (kind: string) => z.strictObject({ kind: z.literal(kind) })
  const { jsonSchema } = answerSchemaOf(
    z.strictObject({ what: z.discriminatedUnion('kind', [of('a'), of('b')]) }),
  )
  assert.ok(!JSON.stringify(jsonSchema).includes('oneOf'))
  assert.equal(jsonSchema['$schema'], undefined)
})

test('what a provider goes on with after a pause is one answer with what it said before', () => {
  const paused: Message = { ...assistantMessage('Let me look. '), paused: true }
  const first = check(answer('Let me look. ', { stop: 'pause' }))
  assert.deepEqual(first, { result: {} })
  const again = check(answer('Still looking. ', { stop: 'pause' }), [...HELLO, paused])
  assert.deepEqual(again, { result: { output: 'Let me look. Still looking. ' } })
  const parts: Message[] = [...HELLO, paused, { ...paused, text: 'Still looking. ', ...again.result }]
  const { result } = checkAnswer(answer('It snows.'), { transcript: parts, schema: null, continues: true })
  assert.deepEqual(result, { output: 'Let me look. Still looking. It snows.' })
})
