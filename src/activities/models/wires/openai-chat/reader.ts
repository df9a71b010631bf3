import type { JsonObject } from '../../../../contracts/json.ts'
import type { ReportedCounts } from '../read-usage.ts'
import type { AnswerEnding, RawAnswer, SentBackCall, WireReader } from '../wire-reader.ts'
import { CHUNK, type ChatDelta, type ChatUsage } from './chunk.schema.ts'
import { type CollectedCall, createCalls } from './collect-calls.ts'
import { type KeptFields, keepFields } from './keep-fields.ts'

/** Endings by their names in lower case: OpenAI's first, then those that compatible servers and gateways pass on from other providers. */
const ENDINGS: ReadonlyMap<string, AnswerEnding> = new Map<string, AnswerEnding>([
  ['stop', 'end'],
  ['length', 'max_output_tokens'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filtered'],
  ['eos', 'end'],
  ['eos_token', 'end'],
  ['stop_sequence', 'end'],
  ['end_turn', 'end'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'max_output_tokens'],
  ['model_length', 'max_output_tokens'],
  ['refusal', 'refusal'],
  ['safety', 'content_filtered'],
  ['recitation', 'content_filtered'],
  ['prohibited_content', 'content_filtered'],
  ['sensitive', 'content_filtered'],
  ['model_context_window_exceeded', 'context_too_long'],
])

const DEFINED = new Set(['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'])

/** Puts a chat answer together from its chunks. */
export function chatReader(): WireReader {
  let model: string | undefined
  let content = ''
  let refusal = ''
  let reason: string | undefined
  let usage: ChatUsage | undefined
  let isSettled = false
  const kept: KeptFields = {}
  const { list: calls, add: addPiece } = createCalls()

  function add(delta: ChatDelta): string {
    keepFields(kept, delta as JsonObject, DEFINED)
    for (const piece of delta.tool_calls) addPiece(piece)
    const text = textOf(delta.content)
    content += text
    refusal += delta.refusal ?? ''
    return text + (delta.refusal ?? '')
  }

  function endingOf(): AnswerEnding {
    const ending = reason === undefined ? 'unknown' : (ENDINGS.get(reason.toLowerCase()) ?? 'unknown')
    return ending === 'end' && refusal !== '' && calls.length === 0 ? 'refusal' : ending
  }

  /** The message as later requests have to contain it. Providers refuse an answer without content. */
  function wireItems(sent: readonly (SentBackCall | undefined)[]): readonly unknown[] {
    const toolCalls = sent.flatMap((call, n) => (call === undefined ? [] : [toWireCall(call, calls[n])]))
    if (content === '' && refusal === '' && toolCalls.length === 0) return []
    return [
      {
        role: 'assistant',
        content: content === '' ? null : content,
        ...(refusal !== '' && { refusal }),
        ...kept,
        ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
      },
    ]
  }

  return {
    get progress() {
      if (isSettled) return 'ended'
      return reason === undefined ? 'open' : 'answered'
    },
    get hasBegun() {
      return content !== '' || refusal !== '' || calls.length > 0 || Object.keys(kept).length > 0
    },
    take(event) {
      const chunk = CHUNK.safeParse(event).data
      const choice = chunk?.choices[0]
      model = chunk?.model || model
      const counted = [chunk?.usage, choice?.usage].find((one) => one?.prompt_tokens != null)
      usage = counted ?? usage
      const delta = choice?.delta ?? choice?.message
      const text = delta === undefined ? '' : add(delta)
      reason = choice?.finish_reason || reason
      // Some servers send counts in each chunk: only counts after the finish reason are the last.
      if (counted !== undefined && reason !== undefined) isSettled = true
      return text
    },
    done() {
      isSettled = true
    },
    rawAnswer: (): RawAnswer => ({
      text: content + refusal,
      ending: endingOf(),
      reason,
      calls: calls.map(({ id, name, text, value }) => ({ id, name, arguments: text === '' ? value : text })),
      counts: usage === undefined ? {} : countsOf(usage),
      model,
      wireItems,
    }),
  }
}

function toWireCall({ callId, tool, text }: SentBackCall, call: CollectedCall | undefined): unknown {
  return { id: callId, type: 'function', function: { name: tool, arguments: text }, ...call?.extra }
}

/** The text of the answer. Some servers send a list of parts, of which reasoning has another type. */
function textOf(content: ChatDelta['content']): string {
  if (typeof content !== 'object') return content ?? ''
  return content.map((part) => (typeof part === 'string' ? part : partText(part))).join('')
}

function partText(part: unknown): string {
  const { type = 'text', text } = (part ?? {}) as { readonly type?: unknown; readonly text?: unknown }
  return (type === 'text' || type === 'output_text') && typeof text === 'string' ? text : ''
}

function countsOf(usage: ChatUsage): ReportedCounts {
  return {
    input: usage.prompt_tokens,
    cachedInput: usage.prompt_tokens_details?.cached_tokens,
    cacheWrite: usage.prompt_tokens_details?.cache_write_tokens,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
    total: usage.total_tokens,
  }
}
