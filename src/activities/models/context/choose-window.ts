import type { CompactionCause, WindowStrategy } from '../../../contracts/models/context.ts'
import { COMPACTION } from '../../../policies/models/context.ts'
import { WHOLE_TRANSCRIPT } from '../../../store/models/context-windows.ts'
import { type FittedWindow, fitWindow, sum, type WindowRoom } from './fit-window.ts'
import type { ShownContext } from './read-context.ts'

/** How much is shown from now on. */
export interface ChosenWindow extends FittedWindow {
  readonly resultBytes: number | null
}

export interface RequestSize {
  /** The size that a compaction aims at. */
  readonly target: number
  /** The most that the next request may have. */
  readonly most: number
}

/**
 * @param limit null where it is not known how much the model can read
 */
export function requestSize(
  { tokens }: Pick<ShownContext, 'tokens'>,
  limit: number | null,
  cause: CompactionCause,
): RequestSize {
  const { targetShare, refusedShare } = COMPACTION
  // The provider knows better what is too long than our count and the price list.
  const isKnown = limit !== null && cause !== 'refused'
  const most = isKnown ? limit : Math.min(limit ?? tokens, Math.floor(tokens * ((1 + refusedShare) / 2)))
  const target = Math.floor((limit ?? tokens) * targetShare)
  return { most, target: isKnown ? target : Math.min(target, Math.floor(tokens * refusedShare)) }
}

/**
 * The window that leaves as much as fits the target. Where the last turn alone is longer, it may be as long as the request may be at
 * most; and where it is longer than that, tool results are cut.
 *
 * @param leadTokens what the words in the place of the messages that leave may have
 * @returns null where nothing can be left out or cut, or where that is not enough
 */
export function chooseWindow(
  context: ShownContext,
  strategy: WindowStrategy,
  { target, most }: RequestSize,
  leadTokens: number,
): ChosenWindow | null {
  const { window, added, fixedTokens } = context
  const { fromSeq } = window ?? WHOLE_TRANSCRIPT
  const before = window?.resultBytes ?? null
  const taken = fixedTokens + sum(added) + leadTokens

  for (const resultBytes of [before, ...smaller(before)]) {
    const messages =
      resultBytes === before
        ? context.messages
        : context.messages.map((message) => context.count(message, resultBytes))
    for (const size of [target, most]) {
      const room = roomOf(strategy, size, size - taken)
      const fitted = fitWindow(messages, fromSeq, room, added.length > 0)
      if (fitted === null) continue
      const chosen = { ...fitted, resultBytes }
      return isChange(chosen, context) ? chosen : null
    }
  }
  return null
}

function roomOf(strategy: WindowStrategy, size: number, tokens: number): WindowRoom {
  const { verbatimShare, firstMessageShare } = COMPACTION
  return {
    tokens,
    newest: strategy === 'summary' ? Math.floor(size * verbatimShare) : tokens,
    // A summary stands for the first message as well.
    first: strategy === 'sliding' ? Math.floor(size * firstMessageShare) : 0,
  }
}

function smaller(bytes: number | null): readonly number[] {
  return COMPACTION.resultBytes.filter((one) => bytes === null || one < bytes)
}

function isChange({ leaves, resultBytes }: ChosenWindow, { window }: ShownContext): boolean {
  return leaves.length > 0 || resultBytes !== (window?.resultBytes ?? null)
}
