import type { RunIdentity } from '../../../contracts/runs/run.ts'
import { fileTokenFactor } from '../../../policies/models/files.ts'
import type { Db } from '../../../store/database/database.ts'
import {
  type ContextWindow,
  findExtent,
  findPresentWindow,
  findShown,
  type PlacedMessage,
  WHOLE_TRANSCRIPT,
} from '../../../store/models/context-windows.ts'
import { cutResult } from '../../../store/models/cut-results.ts'
import type { KnownModelCall } from '../find-planned-call.ts'
import type { RequestPreamble } from '../request-preamble.ts'
import { contextKey } from './context-key.ts'
import { loadTokenizer, tokenFactor } from './count-tokens.ts'
import { type CountedMessage, sum } from './fit-window.ts'
import { messageTokens, preambleTokens } from './message-tokens.ts'

/** What an agent's models are shown now, with the tokens that the provider is expected to count. */
export interface ShownContext {
  /** The present window; null where the whole transcript is shown. */
  readonly window: ContextWindow | null
  /** Messages of the transcript that are shown. */
  readonly messages: readonly CountedMessage[]
  /** Messages that are shown in any case: they have no place in the transcript yet. */
  readonly added: readonly CountedMessage[]
  /** Messages of the whole transcript. */
  readonly of: number
  /** Instructions and tools. */
  readonly fixedTokens: number
  /** Of the next request, as it would be now. */
  readonly tokens: number
  /** Counts a message as if its result were cut to so many bytes. */
  readonly count: (message: PlacedMessage, resultBytes: number | null) => CountedMessage
}

interface ContextOf {
  readonly run: RunIdentity
  readonly agent: string
  readonly seq: number
  readonly inbox: readonly string[]
  /** Number of the present window; 0 for none of the run's own. */
  readonly window: number
}

/** Loads and counts what is shown. The count is corrected by what the provider has reported of the last request, if that was one of these. */
export async function readContext(
  db: Db,
  { run, agent, seq, inbox, window: number }: ContextOf,
  { model }: Pick<KnownModelCall, 'model'>,
  preamble: RequestPreamble,
): Promise<ShownContext> {
  const key = contextKey(preamble, number === 0 ? undefined : number)
  const [tokenizer, window, extent] = await Promise.all([
    loadTokenizer(),
    findPresentWindow(db, { run, agent, number }),
    findExtent(db, run, { seq, contextKey: key }),
  ])
  const shown = await findShown(db, run, { seq, inbox }, window ?? WHOLE_TRANSCRIPT)
  const resultBytes = window?.resultBytes ?? null
  const fileFactor = fileTokenFactor(model)

  const ours = (entry: PlacedMessage, bytes: number | null) =>
    messageTokens(bytes === null ? entry.message : cutResult(entry.message, bytes), tokenizer, fileFactor)
  const lead = window?.lead ? messageTokens(window.lead, tokenizer, fileFactor) : 0
  const fixed = preambleTokens(preamble, tokenizer)
  const counted = shown.map((entry) => ({ ...entry, tokens: ours(entry, resultBytes) }))
  const reported = counted.filter((entry) => entry.seq <= (extent.tokensSeq ?? Number.NEGATIVE_INFINITY))
  const factor = tokenFactor(model.wire, extent.tokens, fixed + lead + sum(reported))

  const expected = (tokens: number) => Math.ceil(tokens * factor)
  const messages = counted.map((entry) => ({ ...entry, tokens: expected(entry.tokens) }))
  return {
    window,
    messages: messages.filter((entry) => entry.seq < seq),
    added: messages.filter((entry) => entry.seq >= seq),
    of: extent.messages,
    fixedTokens: expected(fixed),
    tokens: expected(fixed + lead) + sum(messages),
    count: (entry, bytes) => ({ ...entry, tokens: expected(ours(entry, bytes)) }),
  }
}
