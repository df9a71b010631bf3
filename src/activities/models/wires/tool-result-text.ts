import type { ToolMessage } from '../../../contracts/runs/message.ts'

/** OpenAI's wires have no field that marks a result as an error, so its text says it. */
export const ERROR_PREFIX = 'Error: '

export function toolResultText({ content, isError }: Pick<ToolMessage, 'content' | 'isError'>): string {
  return isError ? `${ERROR_PREFIX}${content}` : content
}
