import type { Message } from '../../contracts/runs/message.ts'
import type { ScriptedRequest } from '../script.ts'

/** Instructions, conversation and files, as one text to search in. */
export function shownText({
  system,
  messages,
  files = [],
}: Pick<ScriptedRequest, 'system' | 'messages' | 'files'>): string {
  const lines = files.map(({ type, sha256, name = '' }) => `file: ${type} ${sha256} ${name}`.trimEnd())
  return [system, ...messages.map(textOf), ...lines].filter((text) => text !== '').join('\n')
}

function textOf(message: Message): string {
  switch (message.role) {
    case 'user':
      return `user: ${message.text}`
    case 'tool':
      return `result of ${message.tool}: ${message.content}`
    case 'assistant': {
      const calls = message.toolCalls.map((call) => `calls ${call.tool} ${JSON.stringify(call.arguments)}`)
      return `assistant: ${[message.text, ...calls].filter((text) => text !== '').join(' ')}`
    }
  }
}
