import type { ModelAnswer } from './model-adapter.ts'

/**
 * An answer that ran into its limit. It keeps its text alone: a call that was cut short is no call, and the wire's own items
 * can't be sent back without it (a call waits for its result, reasoning for the call that it led to).
 */
export function cutAnswer(text: string): Pick<ModelAnswer, 'message' | 'stop'> {
  return {
    message: { role: 'assistant', text, toolCalls: [], wire: 'none', wireItems: [] },
    stop: 'max_output_tokens',
  }
}
