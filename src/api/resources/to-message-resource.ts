import type { TranscriptEntry } from '../../contracts/message.ts'
import type { RunId } from '../../contracts/run.ts'
import type { MessageResource } from '../schemas/message.schema.ts'

/** A provider's own output items stay inside: they are for the provider alone. */
export function toMessageResource(
  runId: RunId,
  { seq, message, createdAt }: TranscriptEntry,
): MessageResource {
  const common = { object: 'message' as const, seq, run_id: runId }
  switch (message.role) {
    case 'user':
      return { ...common, role: 'user', content: message.text, created_at: createdAt }
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
        call_id: message.callId,
        tool: message.tool,
        is_error: message.isError,
        created_at: createdAt,
      }
  }
}
