import { ERROR_PREFIX } from '../../activities/models/wires/tool-result-text.ts'
import type { Json } from '../../contracts/json.ts'
import type { ProviderWire } from '../provider-wire.ts'
import { type Fields, fields, list, string, textOf } from '../read-body.ts'
import type { ScriptedRequest } from '../script.ts'
import { frame } from '../sse-frame.ts'
import { readArguments, TranscriptReader } from '../transcript-reader.ts'
import { chatFrames, chatObject } from './openai-chat-answer.ts'
import { openaiError } from './openai-error.ts'
import { readDataUrl } from './read-file.ts'

export const openaiChatWire: ProviderWire = {
  wire: 'openai-chat',
  path: '/v1/chat/completions',
  requestIdHeader: 'x-request-id',

  readRequest(body) {
    const request = fields(body, 'body')
    return {
      model: string(request.model, 'model'),
      ...readMessages(request.messages),
      tools: list(request.tools ?? [], 'tools').map((tool) =>
        string(fields(fields(tool, 'tool').function, 'tools.function').name, 'tools.function.name'),
      ),
    }
  },

  streamed: chatFrames,
  whole: chatObject,
  error: openaiError,
  streamError: ({ type, code, message }) =>
    frame(null, { error: { type, code: code ?? null, message: message ?? type, param: null } }),
}

function readMessages(value: unknown): Pick<ScriptedRequest, 'system' | 'messages' | 'files'> {
  const reader = new TranscriptReader('openai-chat')
  const system: string[] = []
  for (const item of list(value, 'messages')) {
    const message = fields(item, 'message')
    const text = textOf(message.content, 'content')
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(text)
        break
      case 'user':
        readUser(message.content, text, reader)
        break
      case 'tool': {
        const isError = text.startsWith(ERROR_PREFIX)
        const content = isError ? text.slice(ERROR_PREFIX.length) : text
        reader.tool(string(message.tool_call_id, 'tool_call_id'), content, isError)
        break
      }
      case 'assistant':
        reader.assistant({ text, toolCalls: readCalls(message), wireItems: [item as Json] })
        break
      default:
        throw new Error(`unknown role ${message.role}`)
    }
  }
  return { system: system.join('\n'), ...reader.finish() }
}

function readUser(content: unknown, text: string, reader: TranscriptReader): void {
  reader.user(text)
  if (!Array.isArray(content)) return
  for (const value of content) {
    const part = fields(value, 'content part')
    if (part.type === 'image_url') {
      reader.file(readDataUrl(fields(part.image_url, 'image_url').url, 'image_url.url'))
    } else if (part.type === 'file') {
      const { file_data: data, filename } = fields(part.file, 'file')
      reader.file(readDataUrl(data, 'file.file_data', string(filename, 'file.filename')))
    } else if (part.type !== 'text') throw new Error(`unknown content part ${part.type}`)
  }
}

function readCalls(message: Fields) {
  return list(message.tool_calls ?? [], 'tool_calls').map((value) => {
    const call = fields(value, 'tool call')
    const made = fields(call.function, 'tool_calls.function')
    return {
      callId: string(call.id, 'tool_calls.id'),
      tool: string(made.name, 'tool_calls.function.name'),
      arguments: readArguments(string(made.arguments, 'tool_calls.function.arguments')),
    }
  })
}
