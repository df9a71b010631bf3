import type { Json, JsonObject } from '../../contracts/json.ts'
import type { ProviderWire } from '../provider-wire.ts'
import { type Fields, fields, list, string, textOf } from '../read-body.ts'
import { frame } from '../sse-frame.ts'
import { TranscriptReader } from '../transcript-reader.ts'
import { messageFrames, messageObject } from './anthropic-messages-answer.ts'
import { readSource } from './read-file.ts'

export const anthropicMessagesWire: ProviderWire = {
  wire: 'anthropic-messages',
  path: '/v1/messages',
  requestIdHeader: 'request-id',

  readRequest(body) {
    const request = fields(body, 'body')
    if (typeof request.max_tokens !== 'number') throw new Error('max_tokens: Field required')
    return {
      model: string(request.model, 'model'),
      system: textOf(request.system, 'system'),
      ...readMessages(request.messages),
      tools: list(request.tools ?? [], 'tools').map((tool) =>
        string(fields(tool, 'tool').name, 'tools.name'),
      ),
    }
  },

  streamed: messageFrames,
  whole: messageObject,
  error: (status, message, requestId) => ({
    type: 'error',
    error: { type: TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error'), message },
    request_id: requestId,
  }),
  streamError: ({ type, code, message }) =>
    frame('error', {
      type: 'error',
      error: {
        type,
        message: message ?? type,
        ...(code === undefined ? {} : { details: { error_code: code } }),
      },
    }),
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

function readMessages(value: unknown): ReturnType<TranscriptReader['finish']> {
  const reader = new TranscriptReader('anthropic-messages')
  let waiting = new Set<string>()
  for (const item of list(value, 'messages')) {
    const message = fields(item, 'message')
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : list(message.content, 'content')
    if (blocks.length === 0) throw new Error('messages: content must not be empty')
    const calls = new Set<string>()
    for (const block of blocks) {
      const read =
        message.role === 'assistant' ? readAssistantBlock(block, reader) : readUserBlock(block, reader)
      if (read?.call !== undefined) calls.add(read.call)
      if (read?.result !== undefined) waiting.delete(read.result)
    }
    // Anthropic wants every result of a turn in the one message after it.
    if (waiting.size > 0)
      throw new Error(`tool_use ids were found without tool_result blocks immediately after: ${[...waiting]}`)
    waiting = calls
  }
  return reader.finish()
}

function readAssistantBlock(
  value: unknown,
  reader: TranscriptReader,
): { call?: string; result?: string } | undefined {
  const block = fields(value, 'content block')
  const wireItems = [value as Json]
  if (block.type === 'text') {
    reader.assistant({ text: nonEmpty(block.text), wireItems })
    return undefined
  }
  if (block.type !== 'tool_use') {
    reader.assistant({ wireItems })
    return undefined
  }
  const callId = string(block.id, 'tool_use.id')
  if (!/^[a-zA-Z0-9_-]+$/.test(callId))
    throw new Error("tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
  const call = {
    callId,
    tool: string(block.name, 'tool_use.name'),
    arguments: fields(block.input, 'input') as JsonObject,
  }
  reader.assistant({ toolCalls: [call], wireItems })
  return { call: callId }
}

function readUserBlock(
  value: unknown,
  reader: TranscriptReader,
): { call?: string; result?: string } | undefined {
  const block = fields(value, 'content block')
  if (block.type === 'image' || block.type === 'document') {
    readFileBlock(block, reader)
    return undefined
  }
  if (block.type !== 'tool_result') {
    reader.user(nonEmpty(block.text))
    return undefined
  }
  const callId = string(block.tool_use_id, 'tool_use_id')
  reader.tool(callId, textOf(block.content, 'content'), block.is_error === true)
  for (const value of Array.isArray(block.content) ? block.content : []) {
    const part = fields(value, 'content block')
    if (part.type !== 'text') readFileBlock(part, reader)
  }
  return { result: callId }
}

function readFileBlock(block: Fields, reader: TranscriptReader): void {
  const file = readSource(block.source, typeof block.title === 'string' ? block.title : undefined)
  if (block.type !== (file.kind === 'image' ? 'image' : 'document'))
    throw new Error(`${block.type}.source: ${file.type} is no ${block.type}`)
  reader.file(file)
}

function nonEmpty(value: unknown): string {
  const text = string(value, 'text')
  if (text.trim() === '') throw new Error('messages: text content blocks must be non-empty')
  return text
}
