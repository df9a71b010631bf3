import type { Wire } from '../../../../../src/contracts/models/model.ts'
import type { CallUsage } from '../../../../../src/contracts/models/usage.ts'
import type { RecordedRequest } from '../../../../../src/testing/recorded-request.ts'
import type { Script, ScriptedFailure, ScriptedRequest } from '../../../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../../../support/office/words.ts'
import { type Random, seeded } from '../../../simulation/random.ts'

/** What the provider bills for a request, whether its answer arrived or not; null for one that it turned away. */
export interface Bill {
  readonly usage: CallUsage | null
  /** By the run's own words. */
  readonly run: number
  readonly step: number
}

export interface BillingProvider {
  readonly script: Script
  billOf(request: Pick<RecordedRequest, 'body'>): Bill
}

const FAULTS_IN = 0.2
/** Half of them end without anybody knowing what they have cost. */
const FAULTS: readonly ScriptedFailure['fault'][] = [
  { status: 500 },
  { status: 503 },
  { status: 502 },
  { status: 429, headers: { 'retry-after-ms': '50' } },
  { status: 429, headers: { 'retry-after': '1' } },
  { status: 529 },
  'refuse',
  'reset',
  'stall',
  'truncate',
  'malformed',
  { streamError: { type: 'overloaded_error', message: 'Overloaded' } },
]

const TEXT = 'I look again.'
/** An answer is billed for what it says, at least. */
const SAID_TOKENS = Buffer.byteLength(TEXT)

/**
 * A provider that fails every fifth time, and says of every answer that it used something else. It bills like a real one: never
 * more input tokens than bytes, never more output than it was allowed, and a conversation that has grown never for less.
 */
export function createBillingProvider(seed: number): BillingProvider {
  const bills = new Map<unknown, Bill>()
  const asked = new Map<number, number>()

  const script: Script = (request) => {
    const { messages, body } = request
    const [, run = 0, , steps = 0] = firstWords(messages).split(' ').map(Number)
    const step = messages.filter(({ role }) => role === 'assistant').length + 1
    const nth = (asked.get(run) ?? 0) + 1
    asked.set(run, nth)
    // By the run and how often it has asked, so that the same seed gives the same troubles whoever comes first.
    const random = seeded(seed + run * 10_007 + nth * 101)
    const usage = usageOf(request, seeded(seed + run), random)
    const fault = random.chance(FAULTS_IN) ? random.pick(FAULTS) : null
    const turnedAway = typeof fault === 'object' && fault !== null && 'status' in fault
    bills.set(body, { usage: turnedAway ? null : usage, run, step })
    const answer = {
      text: TEXT,
      toolCalls: step < steps ? [{ tool: 'look_up', arguments: { account: 'B-9' } }] : [],
      usage,
      delayMs: 10 + random.below(150),
      chunkDelayMs: random.below(20),
    }
    return fault === null ? answer : { ...answer, fault }
  }

  return {
    script,
    billOf({ body }) {
      const bill = bills.get(body)
      if (bill === undefined) throw new Error('The script has never seen this request')
      return bill
    },
  }
}

/** `ofRun` gives the same numbers in every call of a run: how many tokens its language has for a byte. */
function usageOf(
  { wire, body, system, messages }: ScriptedRequest,
  ofRun: Random,
  random: Random,
): CallUsage {
  const bytes = [system, ...messages.map(wordsOf)].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const inputTokens = Math.floor(bytes * (0.6 + 0.4 * ofRun.next()))
  const cachedInputTokens = random.below(Math.floor(inputTokens / 2))
  const cacheWriteTokens = wire === 'anthropic-messages' ? random.below(Math.floor(inputTokens / 2)) : 0
  const outputTokens = SAID_TOKENS + random.below(capOf(wire, body) - SAID_TOKENS + 1)
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens,
    reasoningTokens: random.below(outputTokens),
  }
}

const CAP = {
  'openai-responses': 'max_output_tokens',
  'openai-chat': 'max_tokens',
  'anthropic-messages': 'max_tokens',
} as const satisfies Record<Wire, string>

function capOf(wire: Wire, body: unknown): number {
  const cap = (body as Record<string, unknown>)[CAP[wire]]
  if (typeof cap !== 'number') throw new Error(`The request on ${wire} has no output cap`)
  return cap
}
