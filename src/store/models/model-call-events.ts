import type { NewEvent } from '../record/change-run.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'
import type { KnownMessage } from '../record/messages.ts'
import type { StoreModelCall } from './store-model-call.ts'

/**
 * What an answer tells, in order: messages that were added before it, hops that failed before it, and itself.
 *
 * @param added the messages of `call.inbox`; an id that is none of them was never a message, and nothing was received
 */
export function modelCallEvents(call: StoreModelCall, added: readonly KnownMessage[]): NewEvent[] {
  const { step, hop, seq, inbox, decision, misfits = [] } = call
  const { usage, fault } = decision
  return [
    ...added.map(
      ({ id, by }): NewEvent => ({
        type: 'message.received',
        data: {
          message_id: id,
          message_seq: seq - inbox.length + inbox.indexOf(id),
          ...(by !== null && { by }),
        },
      }),
    ),
    ...failedHopEvents(step, call.failedHops),
    {
      type: 'model.completed',
      data: {
        step,
        hop,
        model: call.model,
        served_by: decision.servedBy,
        stop: decision.stop,
        preview: decision.preview,
        message_seq: seq,
        tool_calls: decision.toolCalls.map(({ index, callId, tool, arguments: args, problem }) => ({
          index,
          call_id: callId,
          tool,
          arguments: args,
          ...(problem && { problem }),
        })),
        usage: {
          input_tokens: usage.inputTokens,
          cached_input_tokens: usage.cachedInputTokens,
          cache_write_tokens: usage.cacheWriteTokens,
          output_tokens: usage.outputTokens,
          reasoning_tokens: usage.reasoningTokens,
          ...(usage.estimated && { estimated: true }),
        },
        cost_micro_usd: decision.costMicroUsd,
        ...(fault !== undefined && { problem: fault.problem }),
        ...(misfits.length > 0 && { problem_at: misfits }),
      },
    },
  ]
}
