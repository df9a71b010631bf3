import type { MessagesLeftOut, UserMessage } from '../../../contracts/runs/message.ts'
import { CONTEXT_TEXTS } from '../../../policies/models/context.ts'
import type { CountedMessage } from './fit-window.ts'

/** A summary of what has left a window, and who wrote it when. */
export interface WrittenSummary {
  readonly text: string
  readonly writtenBy: string
  /** RFC 3339 */
  readonly writtenAt: string
}

/**
 * The words in the place of the messages that a window leaves out. A summary stands for the messages that leave now, and for those that
 * the summary before it stood for. Without a new summary the one before stays, and says that it is not of all.
 *
 * @param before the present window's lead
 * @returns null where no message is left out
 */
export function windowLead(
  before: UserMessage | null,
  leaves: readonly CountedMessage[],
  summary: WrittenSummary | null,
): UserMessage | null {
  const [first] = leaves
  const last = leaves.at(-1)
  if (first === undefined || last === undefined) return before
  const earlier = before?.standsFor
  const messages = (earlier?.messages ?? 0) + leaves.length
  const standsFor: MessagesLeftOut = {
    messages,
    summarised: summary === null ? (earlier?.summarised ?? 0) : (earlier?.summarised ?? 0) + leaves.length,
    fromSeq: Math.min(earlier?.fromSeq ?? first.seq, first.seq),
    toSeq: Math.max(earlier?.toSeq ?? last.seq, last.seq),
    ...authorOf(summary ?? earlier),
  }
  if (standsFor.summarised === 0) return { role: 'user', text: CONTEXT_TEXTS.leftOut(messages), standsFor }
  return {
    role: 'user',
    text: summary?.text ?? before?.text ?? '',
    introduction: introductionOf(standsFor),
    standsFor,
  }
}

function authorOf(
  from: { readonly writtenBy?: string; readonly writtenAt?: string } | undefined,
): Pick<MessagesLeftOut, 'writtenBy' | 'writtenAt'> {
  const { writtenBy, writtenAt } = from ?? {}
  return { ...(writtenBy !== undefined && { writtenBy }), ...(writtenAt !== undefined && { writtenAt }) }
}

function introductionOf({ messages, summarised }: MessagesLeftOut): string {
  const lost = messages - summarised
  const lines = [...(lost > 0 ? [CONTEXT_TEXTS.leftOut(lost)] : []), CONTEXT_TEXTS.summaryOf(summarised)]
  return lines.join('\n')
}
