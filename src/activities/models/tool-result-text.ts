import type { ToolMessage } from '../../contracts/message.ts'

/** OpenAI's wires have no field that marks a result as an error, so its text says it. */
export const ERROR_PREFIX = 'Error: '

export function toolResultText(message: ToolMessage): string {
  return message.isError ? `${ERROR_PREFIX}${message.content}` : message.content
}
