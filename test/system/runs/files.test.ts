import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { defineAgent, defineApp, defineTool, toolImage } from '../../../src/index.ts'
import { REQUEST_FILES } from '../../../src/policies/models/files.ts'
import type { ScriptedReply, ScriptedRequest } from '../../../src/testing/script.ts'
import { post } from '../../api/support/post.ts'
import { assertBooks } from '../../store/support/books.ts'
import { pdf, png } from '../../support/sample-files.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* Runs whose messages have images and PDFs, through each wire. The models tell what they were given. */

const rest = { version: 'v1', instructions: 'You help.', degradedAnswer: 'Not now.' } as const
const IMAGE = png(400, 300)
const PAPER = pdf(2)
const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex')

const look = defineTool({
  name: 'look',
  description: 'What the camera sees.',
  input: z.strictObject({}),
  effect: 'read',
  idempotency: 'key',
  execute: () => ({
    camera: 'door',
    seen: [toolImage(IMAGE, 'image/png'), toolImage(png(60_000, 60_000, false), 'image/png')],
  }),
})

const app = defineApp({
  name: 'readers',
  agents: [
    defineAgent({ name: 'responses', ...rest, models: ['openai/gpt-5.5'] }),
    defineAgent({ name: 'chat', ...rest, models: [{ model: 'openai/gpt-5.5', wire: 'openai-chat' }] }),
    defineAgent({ name: 'messages', ...rest, models: ['anthropic/claude-haiku-4-5'] }),
    defineAgent({ name: 'blind', ...rest, models: ['openai/o3-mini'] }),
    ...(['openai-responses', 'openai-chat', 'anthropic-messages'] as const).map((wire) =>
      defineAgent({
        name: `looks_${wire.replace('-', '_')}`,
        ...rest,
        tools: [look],
        models: [
          { model: wire === 'anthropic-messages' ? 'anthropic/claude-haiku-4-5' : 'openai/gpt-5.5', wire },
        ],
      }),
    ),
    defineAgent({ name: 'mixed', ...rest, models: ['openai/o3-mini', 'anthropic/claude-haiku-4-5'] }),
    defineAgent({
      name: 'split',
      ...rest,
      models: [
        { model: 'openai/gpt-5.5', accepts: ['image'] },
        { model: 'anthropic/claude-haiku-4-5', accepts: ['image', 'pdf'] },
      ],
    }),
    defineAgent({
      name: 'limited',
      ...rest,
      models: ['openai/gpt-5.5'],
      budget: { limits: { maxTokens: 6_000 }, onReached: 'fail' },
    }),
  ],
})

function tell({ model, files = [], tools, messages }: ScriptedRequest): ScriptedReply {
  if (tools.includes('look') && messages.at(-1)?.role === 'user' && files.length === 0)
    return { toolCalls: [{ tool: 'look', arguments: {} }] }
  return { text: `${model} was given ${files.map(({ type, sha256 }) => `${type} ${sha256}`).join(', ')}` }
}

describe('files', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ app, script: tell })
    caller = createCaller(environment.service.url)
  })
  after(async () => {
    await assertBooks(environment.database, 'default')
    await environment.close()
  })

  const part = (content: Buffer, type: 'image/png' | 'application/pdf') => ({
    type: type === 'image/png' ? 'image' : 'file',
    data: content.toString('base64'),
    content_type: type,
  })
  const BOTH = [
    { type: 'text', text: 'What is this?' },
    part(IMAGE, 'image/png'),
    part(PAPER, 'application/pdf'),
  ]

  async function play(agent: string, content: unknown = BOTH, more: object = {}) {
    const body = { agent, input: [{ role: 'user', content }], ...more }
    const started = await post<RunResource>(caller.v1('/runs'), body)
    assert.equal(started.status, 202, started.text)
    const run = await caller.untilEnd(started.body.id)
    return { run, events: await caller.events(run.id) }
  }

  const GIVEN = `was given image/png ${hash(IMAGE)}, application/pdf ${hash(PAPER)}`

  for (const agent of ['responses', 'chat', 'messages']) {
    test(`a model behind ${agent} is given every byte, and nothing else keeps them`, async () => {
      const { run } = await play(agent)
      assert.equal(run.status, 'completed')
      assert.ok(run.output?.endsWith(GIVEN), run.output)
      const encoded = IMAGE.toString('base64')
      const dossier = await (await fetch(caller.v1(`/runs/${run.id}/trace?step=1`))).text()
      assert.ok(!dossier.includes(encoded))
      assert.match(dossier, /holdfast:file_/)
      const { rows } = await heldBytes(run.id)
      assert.ok(rows < 20_000, `${rows} bytes in rows of the run`)
    })
  }

  for (const wire of ['openai_responses', 'openai_chat', 'anthropic_messages']) {
    test(`an image of a tool is shown to a model behind ${wire}, and kept as a file`, async () => {
      const { run } = await play(`looks_${wire}`, 'What do you see?')
      assert.ok(run.output?.endsWith(`was given image/png ${hash(IMAGE)}`), run.output)
      const [, , result] = await caller.messages(run.id)
      assert.equal(
        result?.content,
        '{"camera":"door","seen":["[image 1]","[an image that cannot be shown]"]}',
      )
      const [words, image] = result.parts ?? []
      assert.deepEqual(words, { type: 'text', text: result.content })
      assert.ok(image?.type === 'image')
      const kept = await fetch(caller.v1(`/files/${image.file_id}/content`))
      assert.deepEqual(Buffer.from(await kept.arrayBuffer()), IMAGE)
    })
  }

  async function heldBytes(runId: string): Promise<{ rows: number }> {
    const [row] = await environment.database.query<{ rows: number }>({
      text: `select (
        (select coalesce(sum(octet_length(message::text)), 0) from messages where run_id = $1)
        + (select coalesce(sum(octet_length(body)), 0) from wire_parts where run_id = $1)
        + (select coalesce(sum(octet_length(data::text)), 0) from run_events where run_id = $1)
      )::integer as rows`,
      values: [runId],
    })
    assert.ok(row)
    return row
  }

  test('files that come to more than a request may have are not loaded, and no model is asked', async () => {
    const large = part(pdf(1, { extra: ' '.repeat(REQUEST_FILES.mostBytes / 4) }), 'application/pdf')
    const { run: first } = await play('messages', [{ type: 'text', text: 'One' }, large])
    assert.equal(first.status, 'completed')
    const [message] = await caller.messages(first.id)
    const file = message?.parts?.find(({ type }) => type === 'file')
    assert.ok(file && 'file_id' in file)
    const again = { type: 'file', file_id: file.file_id }
    const { run, events } = await play('messages', [{ type: 'text', text: 'Four' }, ...Array(4).fill(again)])
    assert.deepEqual([run.status, run.reason], ['incomplete', 'context_too_long'])
    const failed = events.filter(({ type }) => type === 'model.failed').map(({ data }) => data['code'])
    assert.deepEqual(failed, ['model_context_too_long'])
    assert.ok(environment.provider.requests.every(({ files = [] }) => files.length < 4))
  })

  test('a model that cannot read a file is passed over, and the record says so', async () => {
    const { run, events } = await play('mixed')
    assert.ok(run.output?.startsWith('claude-haiku-4-5'), run.output)
    const failed = events.filter(({ type }) => type === 'model.failed').map(({ data }) => data)
    assert.equal(failed.length, 1)
    assert.equal(failed[0]?.['code'], 'model_cannot_read_files')
    const asked = environment.provider.requests.filter(({ model }) => model === 'o3-mini')
    assert.equal(asked.length, 0)
  })

  test('each message goes to the first model that can read it', async () => {
    const image = await play('split', [part(IMAGE, 'image/png')])
    assert.ok(image.run.output?.startsWith('gpt-5.5'), image.run.output)
    const paper = await play('split', [part(PAPER, 'application/pdf')])
    assert.ok(paper.run.output?.startsWith('claude-haiku-4-5'), paper.run.output)
  })

  test('a budget that does not cover a file asks no model', async () => {
    const { run } = await play('limited', [part(pdf(50), 'application/pdf')])
    assert.deepEqual([run.status, run.reason], ['failed', 'budget'])
    const plain = await play('limited', 'Hello')
    assert.equal(plain.run.status, 'completed')
  })

  test('a later turn of a thread is shown the files of an earlier one', async () => {
    const thread = await post<{ id: string }>(caller.v1('/threads'), {})
    await play('responses', BOTH, { thread_id: thread.body.id })
    const { run } = await play('messages', 'And again?', { thread_id: thread.body.id })
    assert.ok(run.output?.endsWith(GIVEN), run.output)
  })

  test('a run ends with the request’s own fault where no model can read what is in its thread', async () => {
    const thread = await post<{ id: string }>(caller.v1('/threads'), {})
    await play('messages', BOTH, { thread_id: thread.body.id })
    const { run } = await play('blind', 'And again?', { thread_id: thread.body.id })
    assert.deepEqual([run.status, run.reason], ['incomplete', 'request_refused'])
  })
})
