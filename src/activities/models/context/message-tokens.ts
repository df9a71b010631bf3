import { filesOf } from '../../../contracts/files/message-file.ts'
import type { Message } from '../../../contracts/runs/message.ts'
import { TOKEN_COUNT } from '../../../policies/models/context.ts'
import type { RequestPreamble } from '../request-preamble.ts'
import type { CountTokens } from './count-tokens.ts'

/**
 * Our count of a message, as a request has it.
 *
 * @param fileFactor what the model counts for each token that a file is estimated to have
 */
export function messageTokens(message: Message, count: CountTokens, fileFactor = 1): number {
  return TOKEN_COUNT.messageTokens + count(textOf(message)) + fileFactor * fileTokens(message)
}

/** What the files of a message are estimated to have, at most. */
export function fileTokens(message: Message): number {
  return filesOf(message).reduce((sum, { tokens }) => sum + tokens, 0)
}

function textOf(message: Message): string {
  if (message.role === 'tool') return message.content
  if (message.role === 'user') return `${message.introduction ?? ''}\n${message.text}`
  const calls = message.toolCalls.map((call) => `${call.tool} ${JSON.stringify(call.arguments)}`)
  return [message.text, ...calls].join('\n')
}

/** Our count of instructions, tools and the answer's schema. */
export function preambleTokens({ system, tools, output }: RequestPreamble, count: CountTokens): number {
  const specs = tools.map(({ name, description, inputSchema }) => [name, description, inputSchema])
  const schema = output === null ? 0 : count(JSON.stringify(output.jsonSchema))
  return schema + count(system) + count(JSON.stringify(specs)) + TOKEN_COUNT.messageTokens
}
