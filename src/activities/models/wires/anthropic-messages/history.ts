import type {
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import { isJsonObject, type JsonObject } from '../../../../contracts/json.ts'
import {
  type AssistantTurn,
  type GivenFile,
  isBlank,
  type ResultTurn,
  type Turn,
  type UserPart,
} from '../../history/prepare-transcript.ts'

/** A message of a request; ours always have a list as content. */
export interface BlockMessage {
  readonly role: 'user' | 'assistant'
  readonly content: ContentBlockParam[]
}

/** Joins neighbouring turns of one role, since Anthropic wants all results of an answer in the one message after it. */
export function toMessages(turns: readonly Turn[]): BlockMessage[] {
  const messages: BlockMessage[] = []
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user'
    const content = toBlocks(turn)
    const last = messages.at(-1)
    if (last?.role === role) last.content.push(...content)
    else messages.push({ role, content })
  }
  return messages
}

function toBlocks(turn: Turn): ContentBlockParam[] {
  switch (turn.role) {
    case 'user':
      return turn.parts.map(toBlock)
    case 'tool':
      return [
        {
          type: 'tool_result',
          tool_use_id: turn.callId,
          content: resultOf(turn),
          ...(turn.isError ? { is_error: true } : {}),
        },
      ]
    case 'assistant':
      return ownBlocks(turn) ?? plainBlocks(turn)
  }
}

function resultOf({ content, files }: ResultTurn): NonNullable<ToolResultBlockParam['content']> {
  if (files.length === 0) return content
  return [{ type: 'text', text: content }, ...files.map((file) => toFile(file))]
}

function toBlock(part: UserPart): ContentBlockParam {
  if ('text' in part) return { type: 'text', text: part.text }
  return toFile(part.file)
}

function toFile({ type, base64: data, name }: GivenFile): DocumentBlockParam | ImageBlockParam {
  if (type === 'application/pdf') {
    const source = { type: 'base64', media_type: type, data } as const
    return { type: 'document', source, ...(name !== undefined && { title: name }) }
  }
  return { type: 'image', source: { type: 'base64', media_type: type, data } }
}

function plainBlocks({ text, calls }: AssistantTurn): ContentBlockParam[] {
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map(({ callId: id, tool: name, arguments: input }) => ({
      type: 'tool_use' as const,
      id,
      name,
      input,
    })),
  ]
}

/** The model's own blocks without those that Anthropic refuses; null where they do not have the whole answer. */
function ownBlocks({ items, calls }: AssistantTurn): ContentBlockParam[] | null {
  if (items === null) return null
  const kept = items.filter(isTaken)
  const made = kept.filter(({ type }) => type === 'tool_use')
  // Anthropic refuses an answer that ends in thinking.
  const end = kept.findLastIndex((block) => !isThinking(block)) + 1
  if (made.length !== calls.length || end === 0) return null
  return kept.slice(0, end).map((block) => {
    const call = calls[made.indexOf(block)]
    if (call === undefined) return block
    const input = isJsonObject(block['input']) ? block['input'] : call.arguments
    return { ...block, id: call.callId, name: call.tool, input }
  }) as unknown as ContentBlockParam[]
}

/** Whether Anthropic accepts a block: it refuses blank text, and thinking without a signature. */
function isTaken({ type, text, signature }: JsonObject): boolean {
  if (type === 'text') return typeof text === 'string' && !isBlank(text)
  if (type === 'thinking') return typeof signature === 'string' && signature !== ''
  return true
}

function isThinking({ type }: JsonObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking'
}
