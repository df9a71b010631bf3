import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import { isJsonObject, type Json, type JsonObject } from '../../../../contracts/json.ts'
import type { Dialect } from '../../../../policies/models/dialects.ts'
import { argumentsText } from '../../history/arguments-text.ts'
import { type AssistantTurn, type Turn, textOf, type UserPart } from '../../history/prepare-transcript.ts'
import { dataUrl, pdfName } from '../data-url.ts'
import { toolResultText } from '../tool-result-text.ts'

/** Joins neighbouring messages of the user: templates of many compatible servers want user and assistant in turns. */
export function toMessages(turns: readonly Turn[], dialect: Dialect): ChatCompletionMessageParam[] {
  const joined: Turn[] = []
  for (const turn of turns) {
    const last = joined.at(-1)
    if (turn.role === 'user' && last?.role === 'user')
      joined[joined.length - 1] = { role: 'user', parts: [...last.parts, ...turn.parts] }
    else joined.push(turn)
  }
  return joined.map((turn) => toMessage(turn, dialect))
}

function toMessage(turn: Turn, dialect: Dialect): ChatCompletionMessageParam {
  switch (turn.role) {
    case 'user':
      return { role: 'user', content: textOf(turn) ?? turn.parts.map(toPart) }
    case 'tool':
      return { role: 'tool', tool_call_id: turn.callId, content: toolResultText(turn) }
    case 'assistant':
      return toAssistant(turn, dialect) as unknown as ChatCompletionMessageParam
  }
}

function toPart(part: UserPart): ChatCompletionContentPart {
  if ('text' in part) return { type: 'text', text: part.text }
  const { file } = part
  return file.kind === 'pdf'
    ? { type: 'file', file: { filename: pdfName(file), file_data: dataUrl(file) } }
    : { type: 'image_url', image_url: { url: dataUrl(file) } }
}

/** An answer with the server's own fields, such as reasoning and signatures, where it goes to the model that made them. */
function toAssistant(turn: AssistantTurn, dialect: Dialect): JsonObject {
  const [{ tool_calls: made = [], refusal: _, ...own } = {}] = turn.items ?? []
  const drafts = Array.isArray(made) && made.length === turn.calls.length ? made : []
  const calls = turn.calls.map((call, index): JsonObject => {
    const { function: written = null, ...draft } = objectOr(drafts[index])
    const { arguments: args, ...more } = objectOr(written)
    return {
      ...(index === 0 && dialect.thoughtSignatures === 'filled' && UNCHECKED),
      ...draft,
      id: call.callId,
      type: 'function',
      function: { ...more, name: call.tool, arguments: argumentsText(args, call) },
    }
  })
  return {
    ...own,
    role: 'assistant',
    content: turn.text === '' ? null : turn.text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

/** Gemini wants a signature on the first call of an answer. This value means that another model has made the call. */
const UNCHECKED = { extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } } }

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
