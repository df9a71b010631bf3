import type { PlannedAnswer } from '../planned-answer.ts'
import { DONE, frame, pieces, type SseFrame } from '../sse-frame.ts'

/** The events in the order in which OpenAI sends them: role, text, calls, reason, usage, then `[DONE]`, which is not JSON. */
export function chatFrames(answer: PlannedAnswer): readonly SseFrame[] {
  const base = { ...head(answer), object: 'chat.completion.chunk' }
  const chunk = (delta: Record<string, unknown>, finish: string | null = null, piece = false) =>
    frame(
      null,
      { ...base, choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }], usage: null },
      piece,
    )

  const field = answer.stop === 'refusal' ? 'refusal' : 'content'
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...(answer.reasoning === null ? [] : [chunk({ reasoning_content: answer.reasoning.summary })]),
    ...pieces(answer.text).map((text) => chunk({ [field]: text }, null, true)),
    ...answer.toolCalls.flatMap((call, index) => [
      chunk({
        tool_calls: [
          { index, id: call.callId, type: 'function', function: { name: call.tool, arguments: '' } },
        ],
      }),
      ...pieces(call.arguments).map((text) =>
        chunk({ tool_calls: [{ index, function: { arguments: text } }] }, null, true),
      ),
    ]),
    chunk({}, FINISH[answer.stop]),
    frame(null, { ...base, choices: [], usage: usageOf(answer) }),
    DONE,
  ]
}

export function chatObject(answer: PlannedAnswer): unknown {
  const refused = answer.stop === 'refusal'
  const message = {
    role: 'assistant',
    content: refused || answer.text === '' ? null : answer.text,
    refusal: refused ? answer.text : null,
    ...(answer.toolCalls.length === 0
      ? {}
      : {
          tool_calls: answer.toolCalls.map((call) => ({
            id: call.callId,
            type: 'function',
            function: { name: call.tool, arguments: call.arguments },
          })),
        }),
  }
  return {
    ...head(answer),
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: FINISH[answer.stop], logprobs: null }],
    usage: usageOf(answer),
  }
}

const FINISH: Record<PlannedAnswer['stop'], string> = {
  end: 'stop',
  refusal: 'stop',
  pause: 'stop',
  tool_calls: 'tool_calls',
  max_output_tokens: 'length',
  context_full: 'length',
  content_filter: 'content_filter',
}

function head({ id, model }: PlannedAnswer): Record<string, unknown> {
  return { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model, system_fingerprint: null }
}

function usageOf({ usage }: PlannedAnswer): unknown {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }
}
