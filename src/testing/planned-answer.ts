import type { CallUsage } from '../contracts/models/usage.ts'
import type { ScriptedAnswer, ScriptedRequest } from './script.ts'

/** A script's answer with every optional field filled in: the wires only have to format it. */
export interface PlannedAnswer {
  /** Unique in this server; the wires derive their ids from it. */
  readonly id: string
  readonly model: string
  readonly text: string
  readonly toolCalls: readonly {
    readonly callId: string
    readonly tool: string
    readonly arguments: string
  }[]
  readonly reasoning: { readonly summary: string; readonly sealed: string } | null
  readonly stop: NonNullable<ScriptedAnswer['stop']>
  readonly usage: CallUsage
  /** Goes on without its client, and can be asked for again. */
  readonly background: boolean
}

export function planAnswer(
  id: string,
  request: Pick<ScriptedRequest, 'model' | 'messages'>,
  bodyBytes: number,
  answer: ScriptedAnswer,
  background = false,
): PlannedAnswer {
  const { text = '', reasoning, toolCalls = [] } = answer
  const calls = toolCalls.map((call, index) => ({
    callId: call.callId ?? `call_${id}_${index}`,
    tool: call.tool,
    arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
  }))
  const written = text.length + calls.reduce((sum, call) => sum + call.tool.length + call.arguments.length, 0)
  const thought = tokens(reasoning?.length ?? 0)
  return {
    id,
    model: answer.servedBy ?? request.model,
    text,
    toolCalls: calls,
    reasoning: reasoning === undefined ? null : { summary: reasoning, sealed: seal(id, reasoning) },
    stop: answer.stop ?? (calls.length > 0 ? 'tool_calls' : 'end'),
    usage: {
      inputTokens: tokens(bodyBytes),
      cachedInputTokens: answer.usage?.inputTokens === undefined ? cachedTokens(request, bodyBytes) : 0,
      cacheWriteTokens: 0,
      outputTokens: tokens(written) + thought,
      reasoningTokens: thought,
      ...answer.usage,
    },
    background,
  }
}

/** The rule of thumb for English: four characters a token. */
export function tokens(characters: number): number {
  return Math.ceil(characters / 4)
}

/** The part of the request that was sent before, as the providers' caches count it: in steps of 128 tokens, from 1,024 on. */
function cachedTokens({ messages }: Pick<ScriptedRequest, 'messages'>, bodyBytes: number): number {
  const last = messages.at(-1)
  if (last === undefined || !messages.some((message) => message.role === 'assistant')) return 0
  const sentBefore = bodyBytes - (last.role === 'tool' ? last.content : last.text).length
  const steps = Math.floor(sentBefore / 4 / 128)
  return steps < 8 ? 0 : steps * 128
}

/** Stands for reasoning that a provider encrypts. Has characters that a copy with a wrong encoding would change. */
function seal(id: string, reasoning: string): string {
  return `${Buffer.from(`${id} ÿþ ${reasoning}`, 'utf8').toString('base64')}+/==`
}
