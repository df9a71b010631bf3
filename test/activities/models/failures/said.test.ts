import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import { createLogger } from '../../../../src/telemetry/logs/create-logger.ts'
import { answered, streamOf } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'

/** Of a prompt or an answer. */
const CANARY = 'the heron stands in the reeds'
const quoting = { message: `Your input “${CANARY}” is refused.`, code: CANARY, type: CANARY }

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** Ways in which a provider may quote what it was sent, or what its model has said. */
const QUOTES: Readonly<Record<string, () => Response>> = {
  'a refusal': () => json({ error: quoting }, 400),
  'a refusal with its fields at the top': () => json(quoting, 422),
  'a page': () => new Response(`<html>${CANARY}</html>`, { status: 502 }),
  'an error in the stream': () => streamOf([{ error: quoting }]),
  'an error as the whole answer': () => json({ error: quoting }),
  'JSON that is no answer': () => json({ detail: CANARY }),
  'an answer that is no JSON': () => streamOf([`data: {"text": ${CANARY}}\n\n`, 'data: {}\n\n']),
  'a body that is no JSON': () => new Response(`{"text": ${CANARY}`),
  'an answer that breaks off': () => streamOf([{ type: 'note', text: CANARY }]),
}

function lineOf(err: unknown): string {
  let line = ''
  const write = (text: string) => {
    line += text
  }
  createLogger({ levels: { base: 'info', areas: {} }, format: 'json', secrets: [] }, { write }).warn(
    { err },
    'x',
  )
  return line
}

for (const wire of WIRES) {
  for (const [name, response] of Object.entries(QUOTES)) {
    test(`${wire}: a line about ${name} has none of its words, and content has them`, async () => {
      const error = await answered(wire, response()).catch((error: unknown) => error)
      assert.ok(error instanceof ModelFailure)
      assert.doesNotMatch(lineOf(error), /heron|reeds/)
      assert.match(error.said ?? '', /heron/)
    })
  }
}

test('a line about a refusal has the provider’s own names of it, and its status', async () => {
  const error = { message: CANARY, code: 'unsupported_value', type: 'invalid_request_error' }
  const failure = await answered('openai-chat', json({ error }, 400)).catch((error: unknown) => error)
  const line = lineOf(failure)
  assert.match(line, /unsupported_value, invalid_request_error/)
  assert.match(line, /"status":400/)
})

test('a reason to end that is no word is not quoted', async () => {
  const choices = [{ index: 0, delta: { content: 'Hi' }, finish_reason: CANARY }]
  const failure = await answered('openai-chat', streamOf([{ choices }])).catch((error: unknown) => error)
  assert.ok(failure instanceof ModelFailure)
  assert.doesNotMatch(lineOf(failure), /heron/)
})

test('the words are those of the first failure, where one failure has caused another', () => {
  const first = new ModelFailure('model_request_refused', { foreign: { names: [], text: CANARY } })
  assert.equal(new ModelFailure('model_stalled', { cause: first }).said, CANARY)
  assert.equal(new ModelFailure('model_stalled').said, null)
})
