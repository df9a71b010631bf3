import { type MessageFile, type MessagePart, toParts } from '../../contracts/files/message-file.ts'
import type { TranscriptEntry } from '../../contracts/runs/message.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import type { MessageResource } from './message.schema.ts'

/** Leaves out the provider's own output items: they only go back to the provider. */
export function toMessageResource(
  {
    id: runId,
    principal,
    parentRunId,
    inputCount,
  }: Pick<RunRow, 'id' | 'principal' | 'parentRunId' | 'inputCount'>,
  { seq, message, createdAt }: TranscriptEntry,
): MessageResource {
  const common = { object: 'message' as const, seq, run_id: runId }
  switch (message.role) {
    case 'user': {
      // The parent's model wrote a sub-agent's input, so it has no author.
      const by = message.by ?? (seq < inputCount && parentRunId === null ? principal : undefined)
      return {
        ...common,
        role: 'user',
        content: message.text,
        ...(message.files !== undefined && { parts: partsOf(message.text, message.files) }),
        ...(by !== undefined && { by }),
        ...(message.about !== undefined && { about: message.about }),
        created_at: createdAt,
      }
    }
    case 'assistant': {
      const calls = message.toolCalls.map(({ callId, tool, arguments: args }) => ({
        call_id: callId,
        tool,
        arguments: args,
      }))
      return {
        ...common,
        role: 'assistant',
        content: message.text,
        ...(calls.length > 0 && { tool_calls: calls }),
        created_at: createdAt,
      }
    }
    case 'tool':
      return {
        ...common,
        role: 'tool',
        content: message.content,
        ...(message.files !== undefined && { parts: partsOf(message.content, message.files) }),
        call_id: message.callId,
        tool: message.tool,
        is_error: message.isError,
        created_at: createdAt,
      }
  }
}

type Parts = NonNullable<MessageResource['parts']>

function partsOf(text: string, files: readonly MessageFile[]): Parts {
  return toParts({ text, files }).map(toPart)
}

function toPart(part: MessagePart): Parts[number] {
  if ('text' in part) return { type: 'text', text: part.text }
  const { id, kind, type, name } = part.file
  return {
    type: kind === 'image' ? 'image' : 'file',
    file_id: id,
    content_type: type,
    ...(name !== undefined && { filename: name }),
  }
}
