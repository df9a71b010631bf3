import type { CacheSaving } from '../../contracts/cache/answer-cache.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { NewEvent } from '../record/change-run.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'
import type { KnownMessage } from '../record/messages.ts'
import { usageData } from '../record/usage-data.ts'
import type { StoredAnswer } from './store-model-call.ts'

/**
 * What an answer tells, in order: messages that were added before it, hops that failed before it, whether it was read on, and itself.
 *
 * @param added the messages of `call.inbox`; an id that is none of them was never a message, and nothing was received
 */
export function modelCallEvents(call: StoredAnswer, added: readonly KnownMessage[]): NewEvent[] {
  const { step, hop, seq, inbox, decision, misfits = [], hedge } = call
  const { fault } = decision
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
    ...(call.reattached
      ? [{ type: 'model.reattached' as const, data: { step, hop, model: call.model } }]
      : []),
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
        usage: usageData(decision.usage),
        cost_micro_usd: decision.costMicroUsd,
        ...(hedge !== undefined && { hedge: { ...hedge } }),
        ...(call.promptCacheSavedMicroUsd !== undefined && {
          prompt_cache_saved_micro_usd: call.promptCacheSavedMicroUsd,
        }),
        ...(fault !== undefined && { problem: fault.problem }),
        ...(misfits.length > 0 && { problem_at: misfits }),
        ...(decision.cached && cachedData(decision.cached)),
      },
    },
  ]
}

function cachedData({
  hit,
  savedMicroUsd,
  savedInputTokens,
  savedOutputTokens,
  waitedMs,
}: CacheSaving): JsonObject {
  return {
    cached: hit,
    saved: {
      cost_micro_usd: savedMicroUsd,
      input_tokens: savedInputTokens,
      output_tokens: savedOutputTokens,
    },
    ...(waitedMs !== undefined && { waited_ms: waitedMs }),
  }
}
