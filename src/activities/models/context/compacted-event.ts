import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { CompactedTranscript, CompactTranscriptInput } from '../../../contracts/models/context.ts'
import type { NewEvent } from '../../../store/record/change-run.ts'
import { usageData } from '../../../store/record/usage-data.ts'
import { answerPreview } from '../../preview.ts'
import type { ModelAnswer } from '../wires/model-adapter.ts'

export interface CompactionDetails {
  readonly tokensBefore: number
  readonly tokensAfter: number
  readonly resultBytes: number | null
  /** The summary, and the model that was asked for it. */
  readonly summary: { readonly model: string; readonly answer: ModelAnswer } | null
  readonly noSummary: ErrorCode | null
}

export function compactedEvent(
  { step, agent, number, cause }: CompactTranscriptInput,
  { strategy, kept, of, summary: paid }: CompactedTranscript,
  { tokensBefore, tokensAfter, resultBytes, summary, noSummary }: CompactionDetails,
): NewEvent {
  return {
    type: 'context.compacted',
    data: {
      step,
      agent,
      number,
      cause,
      strategy,
      tokens_before: tokensBefore,
      tokens_after: tokensAfter,
      messages: of,
      messages_kept: kept,
      messages_left_out: of - kept,
      ...(resultBytes !== null && { result_bytes: resultBytes }),
      ...(noSummary !== null && { no_summary: noSummary }),
      ...(summary !== null && {
        summary: {
          model: summary.model,
          served_by: summary.answer.servedBy,
          preview: answerPreview(summary.answer.message),
          usage: usageData(summary.answer.usage),
          cost_micro_usd: paid?.costMicroUsd ?? null,
        },
      }),
    },
  }
}
