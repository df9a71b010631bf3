import { ERROR_PREFIX } from '../../activities/models/wires/tool-result-text.ts'
import type { Json } from '../../contracts/json.ts'
import type { ProviderWire } from '../provider-wire.ts'
import { fields, list, string, textOf } from '../read-body.ts'
import { frame } from '../sse-frame.ts'
import { readArguments, TranscriptReader } from '../transcript-reader.ts'
import { openaiError } from './openai-error.ts'
import { outputItems, responseFrames, responseObject } from './openai-responses-answer.ts'
import { readDataUrl } from './read-file.ts'

export const openaiResponsesWire: ProviderWire = {
  wire: 'openai-responses',
  path: '/v1/responses',
  requestIdHeader: 'x-request-id',

  readRequest(body) {
    const request = fields(body, 'body')
    return {
      model: string(request.model, 'model'),
      system: textOf(request.instructions, 'instructions'),
      ...readInput(request.input),
      tools: list(request.tools ?? [], 'tools').map((tool) =>
        string(fields(tool, 'tool').name, 'tools.name'),
      ),
    }
  },

  streamed: responseFrames,
  whole: (answer) => responseObject(answer, outputItems(answer)),
  error: openaiError,
  streamError: ({ type, code, message }) =>
    frame('error', {
      type: 'error',
      code: code ?? type,
      message: message ?? type,
      param: null,
      sequence_number: 99,
    }),
}

function readInput(input: unknown): ReturnType<TranscriptReader['finish']> {
  const reader = new TranscriptReader('openai-responses')
  if (typeof input === 'string') reader.user(input)
  else for (const item of list(input, 'input')) readItem(item, reader)
  return reader.finish()
}

function readItem(value: unknown, reader: TranscriptReader): void {
  const item = fields(value, 'input item')
  const wireItems = [value as Json]
  switch (item.type ?? 'message') {
    case 'message':
      if (item.role === 'assistant') reader.assistant({ text: textOf(item.content, 'content'), wireItems })
      else readUser(item.content, reader)
      return
    case 'reasoning':
      reader.assistant({ wireItems })
      return
    case 'function_call': {
      const call = {
        callId: string(item.call_id, 'call_id'),
        tool: string(item.name, 'name'),
        arguments: readArguments(string(item.arguments, 'arguments')),
      }
      reader.assistant({ toolCalls: [call], wireItems })
      return
    }
    case 'function_call_output': {
      const output = textOf(item.output, 'output')
      const isError = output.startsWith(ERROR_PREFIX)
      const content = isError ? output.slice(ERROR_PREFIX.length) : output
      reader.tool(string(item.call_id, 'call_id'), content, isError)
      readFiles(item.output, reader)
      return
    }
    default:
      throw new Error(`unknown input item type ${item.type}`)
  }
}

function readUser(content: unknown, reader: TranscriptReader): void {
  reader.user(textOf(content, 'content'))
  readFiles(content, reader)
}

function readFiles(content: unknown, reader: TranscriptReader): void {
  if (!Array.isArray(content)) return
  for (const value of content) {
    const part = fields(value, 'content part')
    if (part.type === 'input_image') reader.file(readDataUrl(part.image_url, 'image_url'))
    else if (part.type === 'input_file')
      reader.file(readDataUrl(part.file_data, 'file_data', string(part.filename, 'filename')))
    else if (part.type !== 'input_text') throw new Error(`unknown content part ${part.type}`)
  }
}
