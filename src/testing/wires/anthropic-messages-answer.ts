import type { PlannedAnswer } from '../planned-answer.ts'
import { frame, pieces, type SseFrame } from '../sse-frame.ts'

type Delta = Record<string, unknown>

/** A content block: its first event, its pieces, and its form in an answer that is not streamed. */
interface Block {
  readonly begun: Record<string, unknown>
  readonly deltas: readonly Delta[]
  whole(): Record<string, unknown>
}

export function messageFrames(answer: PlannedAnswer): readonly SseFrame[] {
  const send = (type: string, data: Record<string, unknown>, piece = false) =>
    frame(type, { type, ...data }, piece)
  return [
    send('message_start', {
      message: {
        ...head(answer),
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usageOf(answer), output_tokens: 1 },
      },
    }),
    ...blocksOf(answer).flatMap((block, index) => [
      send('content_block_start', { index, content_block: block.begun }),
      ...(index === 0 ? [send('ping', {})] : []),
      ...block.deltas.map((delta) => send('content_block_delta', { index, delta }, true)),
      send('content_block_stop', { index }),
    ]),
    send('message_delta', {
      delta: { stop_reason: STOP[answer.stop], stop_sequence: null },
      usage: {
        output_tokens: answer.usage.outputTokens,
        output_tokens_details: { thinking_tokens: answer.usage.reasoningTokens },
      },
    }),
    send('message_stop', {}),
  ]
}

export function messageObject(answer: PlannedAnswer): unknown {
  return {
    ...head(answer),
    content: blocksOf(answer).map((block) => block.whole()),
    stop_reason: STOP[answer.stop],
    stop_sequence: null,
    usage: usageOf(answer),
  }
}

const STOP: Record<PlannedAnswer['stop'], string> = {
  end: 'end_turn',
  tool_calls: 'tool_use',
  max_output_tokens: 'max_tokens',
  refusal: 'refusal',
  content_filter: 'refusal',
  pause: 'pause_turn',
  context_full: 'model_context_window_exceeded',
}

function head({ id, model }: PlannedAnswer): Record<string, unknown> {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model }
}

/** Anthropic counts cached input separately. */
function usageOf({ usage }: PlannedAnswer): Record<string, unknown> {
  return {
    input_tokens: usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    server_tool_use: null,
    service_tier: 'standard',
  }
}

function blocksOf({ reasoning, text, toolCalls }: PlannedAnswer): readonly Block[] {
  return [
    ...(reasoning === null ? [] : [thinkingBlock(reasoning)]),
    ...(text === '' ? [] : [textBlock(text)]),
    ...toolCalls.map(toolUseBlock),
  ]
}

function thinkingBlock({ summary, sealed }: NonNullable<PlannedAnswer['reasoning']>): Block {
  return {
    begun: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces(summary).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: sealed },
    ],
    whole: () => ({ type: 'thinking', thinking: summary, signature: sealed }),
  }
}

function textBlock(text: string): Block {
  return {
    begun: { type: 'text', text: '', citations: null },
    deltas: pieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
    whole: () => ({ type: 'text', text, citations: null }),
  }
}

function toolUseBlock(call: PlannedAnswer['toolCalls'][number]): Block {
  const begun = { type: 'tool_use', id: call.callId, name: call.tool, input: {} }
  return {
    begun,
    deltas: pieces(call.arguments).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    whole: () => ({ ...begun, input: JSON.parse(call.arguments) }),
  }
}
