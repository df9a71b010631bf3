/** Events as providers send them, with what a test is about changed. */

type Fields = Readonly<Record<string, unknown>>

export const chat = {
  chunk: (delta: unknown, finish_reason: string | null = null, more: Fields = {}) => ({
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  }),
  calls: (...pieces: Fields[]) => pieces.map((piece) => chat.chunk({ tool_calls: [piece] })),
  usage: (usage: unknown) => ({ model: 'm', choices: [], usage }),
  done: 'data: [DONE]\n\n',
}

export function call(place: Fields, name: string | null, args: unknown): Fields {
  return { ...place, type: 'function', function: { ...(name !== null && { name }), arguments: args } }
}

export const responses = {
  message: (text: string, id = 'msg_1') => ({
    id,
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text }],
  }),
  call: (name: string, args: string, call_id = 'call_1') => ({
    id: `fc_${call_id}`,
    type: 'function_call',
    call_id,
    name,
    arguments: args,
  }),
  reasoning: { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'sealed' },
  /** An item that comes whole, at this place. */
  item: (item: Fields, output_index?: number) => [
    { type: 'response.output_item.added', output_index, item: { ...item, content: [], arguments: '' } },
    { type: 'response.output_item.done', output_index, item },
  ],
  text: (delta: string) => ({ type: 'response.output_text.delta', delta }),
  end: (response: Fields = {}) => ({
    type: 'response.completed',
    response: { status: 'completed', model: 'm', ...response },
  }),
}

export const messages = {
  start: (message: Fields = {}) => ({
    type: 'message_start',
    message: { model: 'm', content: [], usage: { input_tokens: 100, output_tokens: 1 }, ...message },
  }),
  block: (content_block: Fields, index?: number) => ({ type: 'content_block_start', index, content_block }),
  delta: (delta: Fields, index?: number) => ({ type: 'content_block_delta', index, delta }),
  text: (text: string, index = 0) => [
    messages.block({ type: 'text', text: '' }, index),
    messages.delta({ type: 'text_delta', text }, index),
  ],
  end: (stop_reason: string, more: Fields = { usage: { output_tokens: 5 } }) => [
    { type: 'message_delta', delta: { stop_reason }, ...more },
    { type: 'message_stop' },
  ],
}
