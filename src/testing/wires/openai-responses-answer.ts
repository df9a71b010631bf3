import type { PlannedAnswer } from '../planned-answer.ts'
import { frame, pieces, type SseFrame } from '../sse-frame.ts'

type Item = { readonly id: string; readonly type: string } & Record<string, unknown>

export function outputItems(answer: PlannedAnswer): readonly Item[] {
  const { id, reasoning, text, toolCalls, stop } = answer
  const part =
    stop === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations: [], logprobs: [] }
  return [
    ...(reasoning === null
      ? []
      : [
          {
            id: `rs_${id}`,
            type: 'reasoning',
            summary: [{ type: 'summary_text', text: reasoning.summary }],
            encrypted_content: reasoning.sealed,
          },
        ]),
    ...(text === ''
      ? []
      : [{ id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content: [part] }]),
    ...toolCalls.map((call, index) => ({
      id: `fc_${id}_${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: call.callId,
      name: call.tool,
      arguments: call.arguments,
    })),
  ]
}

export function responseObject(answer: PlannedAnswer, output: readonly Item[]): Record<string, unknown> {
  const { usage } = answer
  const reason = INCOMPLETE[answer.stop]
  return {
    ...responseHead(answer),
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: {
      input_tokens: usage.inputTokens,
      input_tokens_details: {
        cached_tokens: usage.cachedInputTokens,
        cache_write_tokens: usage.cacheWriteTokens,
      },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
  }
}

const INCOMPLETE: Partial<Record<PlannedAnswer['stop'], string>> = {
  max_output_tokens: 'max_output_tokens',
  content_filter: 'content_filter',
}

/** The response as it is before it has ended. */
export function responseHead({ id, model, background }: PlannedAnswer): Record<string, unknown> {
  return {
    id: responseId(id),
    background,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    model,
    output: [],
    parallel_tool_calls: true,
    store: background,
    tool_choice: 'auto',
    tools: [],
    usage: null,
  }
}

export function responseId(id: string): string {
  return `resp_${id}`
}

/** The events in the order in which OpenAI sends them, numbered. */
export function responseFrames(answer: PlannedAnswer): readonly SseFrame[] {
  const frames: SseFrame[] = []
  const send = (type: string, data: Record<string, unknown>, piece = false) =>
    frames.push(frame(type, { type, sequence_number: frames.length, ...data }, piece))

  const opened = responseHead(answer)
  send('response.created', { response: opened })
  send('response.in_progress', { response: opened })
  const output = outputItems(answer)
  output.forEach((item, output_index) => {
    const at = { output_index, item_id: item.id }
    send('response.output_item.added', { output_index, item: begun(item) })
    if (item.type === 'message') sendMessage(send, at, answer)
    if (item.type === 'function_call') {
      for (const delta of pieces(String(item.arguments))) {
        send('response.function_call_arguments.delta', { ...at, delta }, true)
      }
      send('response.function_call_arguments.done', { ...at, name: item.name, arguments: item.arguments })
    }
    send('response.output_item.done', { output_index, item })
  })
  const response = responseObject(answer, output)
  send(`response.${response.status}`, { response })
  return frames
}

function sendMessage(
  send: (type: string, data: Record<string, unknown>, piece?: boolean) => void,
  item: Record<string, unknown>,
  { text, stop }: PlannedAnswer,
): void {
  const at = { ...item, content_index: 0 }
  const kind = stop === 'refusal' ? 'refusal' : 'output_text'
  const field = stop === 'refusal' ? 'refusal' : 'text'
  const part = (value: string) => ({ type: kind, [field]: value, annotations: [] })
  send('response.content_part.added', { ...at, part: part('') })
  for (const delta of pieces(text)) send(`response.${kind}.delta`, { ...at, delta, logprobs: [] }, true)
  send(`response.${kind}.done`, { ...at, [field]: text, logprobs: [] })
  send('response.content_part.done', { ...at, part: part(text) })
}

function begun(item: Item): Record<string, unknown> {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] }
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' }
  return { ...item, summary: [] }
}
