import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import { type FileType, kindOf } from '../../../../src/contracts/files/file.ts'
import type { MessageFile } from '../../../../src/contracts/files/message-file.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { ScriptedFile } from '../../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { pdf, png } from '../../../support/sample-files.ts'
import { MODELS, providersAt, requestOn, WIRES } from '../support/ask.ts'

const [IMAGE, PAPER] = [png(), pdf()]

function reference(id: string, type: FileType, at: number, name?: string): MessageFile {
  return { id: `file_${id}`, kind: kindOf(type), type, sha256: '', tokens: 1, at, ...(name && { name }) }
}

const ASKED: Message = {
  role: 'user',
  text: 'Is this\n\nin here?',
  files: [reference('image', 'image/png', 7), reference('paper', 'application/pdf', 17, 'list.pdf')],
}

const FILES = new Map([
  ['file_image', IMAGE.toString('base64')],
  ['file_paper', PAPER.toString('base64')],
])

function requestWith(
  wire: Wire,
  messages: readonly Message[],
  files: ModelRequest['files'] = FILES,
): ModelRequest {
  return { ...requestOn(wire, messages), ...(files && { files }) }
}

const dialect = (wire: Wire) => resolveDialect(MODELS[wire], 'https://api.example.com/v1', [])
const [imageData, paperData] = [IMAGE.toString('base64'), PAPER.toString('base64')]

test('openai-responses has files as input items of its own', () => {
  const { input } = toResponsesRequest(requestWith('openai-responses', [ASKED]), dialect('openai-responses'))
  assert.deepEqual(input, [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'Is this' },
        { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${imageData}` },
        { type: 'input_text', text: 'in here?' },
        { type: 'input_file', filename: 'list.pdf', file_data: `data:application/pdf;base64,${paperData}` },
      ],
    },
  ])
})

test('openai-chat has files as parts, also where it joins messages of the user', () => {
  const messages: readonly Message[] = [{ role: 'user', text: 'Hello' }, ASKED]
  const [, asked] = toChatRequest(requestWith('openai-chat', messages), dialect('openai-chat')).messages
  assert.deepEqual(asked, {
    role: 'user',
    content: [
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'Is this' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${imageData}` } },
      { type: 'text', text: 'in here?' },
      { type: 'file', file: { filename: 'list.pdf', file_data: `data:application/pdf;base64,${paperData}` } },
    ],
  })
})

test('anthropic-messages has files as blocks', () => {
  const request = requestWith('anthropic-messages', [ASKED])
  const { messages } = toMessagesRequest(request, { ...dialect('anthropic-messages'), cacheControl: 'none' })
  assert.deepEqual(messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Is this' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: imageData } },
        { type: 'text', text: 'in here?' },
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: paperData },
          title: 'list.pdf',
        },
      ],
    },
  ])
})

for (const wire of WIRES) {
  test(`${wire} gives a strict provider every byte of a file, and the words alone where it is gone`, async (t) => {
    const seen: { files: readonly ScriptedFile[]; text: string }[] = []
    const provider = await startScriptedProvider({
      script: ({ files = [], messages }) => {
        const said = messages.map((message) => (message.role === 'user' ? message.text : '')).join(' ')
        seen.push({ files, text: said })
        return { text: 'Yes.' }
      },
    })
    t.after(() => provider.close())
    const adapter = createModelAdapters(providersAt(provider.url))(MODELS[wire])
    const options = { signal: new AbortController().signal, onProgress: () => undefined }
    await adapter.generate(requestWith(wire, [ASKED]), options)
    await adapter.generate(requestWith(wire, [ASKED], new Map()), options)
    const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex')
    assert.deepEqual(seen[0]?.files, [
      { kind: 'image', type: 'image/png', bytes: IMAGE.length, sha256: hash(IMAGE) },
      {
        kind: 'pdf',
        type: 'application/pdf',
        bytes: PAPER.length,
        sha256: hash(PAPER),
        name: 'list.pdf',
      },
    ])
    assert.deepEqual(seen[1]?.files, [])
    assert.match(
      seen[1]?.text ?? '',
      /\[image\] \(This file was removed\.\).*\[PDF list\.pdf\] \(This file was removed\.\)/s,
    )
  })

  test(`a message of an image alone is one on ${wire}`, async (t) => {
    const provider = await startScriptedProvider({ script: ({ files }) => ({ text: `${files?.length}` }) })
    t.after(() => provider.close())
    const adapter = createModelAdapters(providersAt(provider.url))(MODELS[wire])
    const alone: Message = { role: 'user', text: '', files: [reference('image', 'image/png', 0)] }
    const options = { signal: new AbortController().signal, onProgress: () => undefined }
    const answer = await adapter.generate(requestWith(wire, [alone]), options)
    assert.equal(answer.message.text, '1')
  })
}

const CALLED: readonly Message[] = [
  { role: 'user', text: 'What does the camera see?' },
  {
    role: 'assistant',
    text: '',
    toolCalls: [
      { callId: 'one', tool: 'look_up', arguments: {} },
      { callId: 'two', tool: 'look_up', arguments: {} },
    ],
    wire: 'none',
    wireItems: [],
  },
  {
    role: 'tool',
    callId: 'one',
    tool: 'look_up',
    content: '{"seen":"[image 1]"}',
    files: [reference('image', 'image/png', 20)],
    isError: false,
  },
  { role: 'tool', callId: 'two', tool: 'look_up', content: '{}', isError: false },
]

for (const wire of WIRES) {
  test(`an image in a tool's result is shown on ${wire}, and left out for a model that reads text alone`, async (t) => {
    const seen: (readonly ScriptedFile[])[] = []
    const provider = await startScriptedProvider({
      script: ({ files = [] }) => {
        seen.push(files)
        return { text: 'A cat.' }
      },
    })
    t.after(() => provider.close())
    const adapterFor = createModelAdapters(providersAt(provider.url))
    const options = { signal: new AbortController().signal, onProgress: () => undefined }
    const request = requestWith(wire, CALLED)
    for (const model of [request.model, { ...request.model, accepts: [] }])
      await adapterFor(model).generate({ ...request, model }, options)
    const [shown = [], left = []] = seen
    assert.deepEqual(
      shown.map(({ sha256 }) => sha256),
      [createHash('sha256').update(IMAGE).digest('hex')],
    )
    assert.deepEqual(left, [])
  })
}

test('where results are text alone, their images follow them in a message', () => {
  const { messages } = toChatRequest(requestWith('openai-chat', CALLED), dialect('openai-chat'))
  assert.deepEqual(messages.slice(-3), [
    { role: 'tool', tool_call_id: 'one', content: '{"seen":"[image 1]"}' },
    { role: 'tool', tool_call_id: 'two', content: '{}' },
    {
      role: 'user',
      content: [
        { type: 'text', text: '[The images of the results above, in their order.]' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${imageData}` } },
      ],
    },
  ])
})
