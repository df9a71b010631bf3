import type { ResponseInputContent, ResponseInputItem } from 'openai/resources/responses/responses'
import { isJsonObject, type JsonObject } from '../../../../contracts/json.ts'
import { argumentsText } from '../../history/arguments-text.ts'
import {
  type AssistantTurn,
  isBlank,
  type ResultTurn,
  type Turn,
  textOf,
  type UserPart,
} from '../../history/prepare-transcript.ts'
import { dataUrl, pdfName } from '../data-url.ts'
import { toolResultText } from '../tool-result-text.ts'

export function toItems(turn: Turn): ResponseInputItem[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: textOf(turn) ?? turn.parts.map(toInput) }]
    case 'tool':
      return [{ type: 'function_call_output', call_id: turn.callId, output: outputOf(turn) }]
    case 'assistant':
      return ownItems(turn) ?? plainItems(turn)
  }
}

function outputOf(turn: ResultTurn): ResponseInputItem.FunctionCallOutput['output'] {
  const text = toolResultText(turn)
  if (turn.files.length === 0) return text
  return [{ text }, ...turn.files.map((file) => ({ file }))].map(toInput)
}

function toInput(part: UserPart): ResponseInputContent {
  if ('text' in part) return { type: 'input_text', text: part.text }
  const { file } = part
  return file.kind === 'pdf'
    ? { type: 'input_file', filename: pdfName(file), file_data: dataUrl(file) }
    : { type: 'input_image', detail: 'auto', image_url: dataUrl(file) }
}

function plainItems({ text, calls }: AssistantTurn): ResponseInputItem[] {
  return [
    ...(text === '' ? [] : [{ role: 'assistant' as const, content: text }]),
    ...calls.map((call) => ({
      type: 'function_call' as const,
      call_id: call.callId,
      name: call.tool,
      arguments: JSON.stringify(call.arguments),
    })),
  ]
}

/**
 * The server's own items, or null where it would refuse one of them: then none is sent, since it refuses an item without the reasoning
 * before it.
 */
function ownItems({ items, calls }: AssistantTurn): ResponseInputItem[] | null {
  if (items === null) return null
  const kept = items.filter((item) => item['type'] !== 'message' || !isBlank(itemText(item)))
  const made = kept.filter(({ type }) => type === 'function_call')
  if (made.length !== calls.length || kept.at(-1)?.['type'] === 'reasoning') return null
  if (kept.some((item) => item['type'] === 'reasoning' && !isSelfContained(item))) return null
  return kept.map((item) => {
    const call = calls[made.indexOf(item)]
    if (call === undefined) return item
    const args = argumentsText(item['arguments'], call)
    return { ...item, call_id: call.callId, name: call.tool, arguments: args }
  }) as unknown as ResponseInputItem[]
}

/** Whether a reasoning item has its content. The server stores none (`store: false`), so it can't find reasoning by an id alone. */
function isSelfContained({ encrypted_content: sealed, content }: JsonObject): boolean {
  return (typeof sealed === 'string' && sealed !== '') || (Array.isArray(content) && content.length > 0)
}

function itemText({ content }: JsonObject): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : ''
  return content
    .map((part) => (isJsonObject(part) ? `${part['text'] ?? ''}${part['refusal'] ?? ''}` : ''))
    .join('')
}
