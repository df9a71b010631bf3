import type { Logger } from 'pino'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { AssistantMessage } from '../../../contracts/runs/message.ts'
import { TOKEN_COUNT } from '../../../policies/models/context.ts'
import type { ModelAnswer, ModelRequest } from '../wires/model-adapter.ts'
import { type CountTokens, loadTokenizer } from './count-tokens.ts'
import { fileTokens } from './message-tokens.ts'

/**
 * The answer with an estimate in the place of token counts that its server has not sent. An estimate is no upper bound, since each model
 * has its own tokenizer: it is shown and never charged, and the worst case of the call goes on counting as unknown. Never rejects: an
 * answer is paid for, and stays without an estimate where none can be made.
 */
export async function withUsage(
  answer: ModelAnswer,
  request: Pick<ModelRequest, 'system' | 'messages' | 'tools'>,
  logger: Pick<Logger, 'warn'>,
): Promise<ModelAnswer> {
  if (answer.usage.inputTokens > 0) return answer
  try {
    return { ...answer, usage: estimateOf(answer, request, await loadTokenizer()) }
  } catch (err) {
    logger.warn({ err, servedBy: answer.servedBy }, 'tokens are not estimated')
    return answer
  }
}

function estimateOf(
  { message }: ModelAnswer,
  request: Pick<ModelRequest, 'system' | 'messages' | 'tools'>,
  count: CountTokens,
): CallUsage {
  return {
    inputTokens: inputTokens(request, count),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: count(said(message)),
    reasoningTokens: 0,
    estimated: true,
  }
}

function inputTokens(
  { system, messages, tools }: Pick<ModelRequest, 'system' | 'messages' | 'tools'>,
  count: CountTokens,
): number {
  const texts = messages.map((message) => {
    if (message.role === 'user') return message.text
    return message.role === 'tool' ? message.content : said(message)
  })
  const specs = tools.length === 0 ? '' : JSON.stringify(tools)
  const files = messages.reduce((sum, message) => sum + fileTokens(message), 0)
  return [system, specs, ...texts].reduce((sum, text) => sum + TOKEN_COUNT.messageTokens + count(text), files)
}

function said({ text, toolCalls }: AssistantMessage): string {
  return [text, ...toolCalls.map((call) => `${call.tool} ${JSON.stringify(call.arguments)}`)].join('\n')
}
