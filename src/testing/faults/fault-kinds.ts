import type { Delivery } from '../delivery.ts'
import type { ScriptedAnswer, ScriptedFailure, ScriptedReply } from '../script.ts'
import { pick, type Random } from '../seeded.ts'

type Injure = (answer: ScriptedAnswer, random: Random) => ScriptedReply

const failing =
  (faultOf: (random: Random) => ScriptedFailure['fault']): Injure =>
  (answer, random) => ({ ...answer, fault: faultOf(random) })

const delivered =
  (deliveryOf: (random: Random) => Delivery): Injure =>
  (answer, random) => ({ ...answer, delivery: { ...answer.delivery, ...deliveryOf(random) } })

const HTML = '<!doctype html><html><head><title>Just a moment…</title></head><body><h1>502</h1></body></html>'
const seed = (random: Random) => Math.floor(random() * 2 ** 31)
/** A place early in a body: heads are longer, so the cut falls into an answer of any length. */
const earlyByte = (random: Random) => 1 + Math.floor(random() * 400)

const REFUSED = {
  /** The connection is dropped before any byte. */
  refused: failing(() => 'refuse'),
  /** 429 with `retry-after` in one of its spellings, of at most 2 seconds. */
  rate_limited: failing((random) => ({ status: 429, headers: pick(random, RETRY_AFTER)() })),
  overloaded: failing((random) => ({ status: pick(random, [503, 529]) })),
  server_error: failing((random) => ({ status: pick(random, [500, 502, 504]) })),
  /** An error of a gateway, which is no JSON. */
  gateway_page: failing(() => ({ status: 502, body: HTML })),
  /** The same with status 200. */
  page: failing(() => ({ status: 200, body: HTML })),
  empty_body: failing(() => ({ status: 200, body: '' })),
} satisfies Record<string, Injure>

const BROKEN = {
  /** The connection is lost after half of the answer. */
  reset: failing(() => 'reset'),
  /** The stream ends in good order after half of the answer. */
  truncated: failing(() => 'truncate'),
  /** The connection is lost, or ends in good order, within the first 400 bytes. */
  cut: failing((random) => ({ cutAtByte: earlyByte(random), by: pick(random, ['reset', 'end']) })),
  /** An event that is not JSON. */
  malformed: failing(() => 'malformed'),
  /** An error that is reported in the middle of a stream. */
  stream_error: failing((random) => ({ streamError: pick(random, STREAM_ERRORS) })),
} satisfies Record<string, Injure>

/** Odd, and a whole answer all the same. */
const ODD = {
  /** Up to a second more than the script says. */
  slow: (answer: ScriptedAnswer, random: Random) => ({
    ...answer,
    delayMs: (answer.delayMs ?? 0) + Math.ceil(random() * 1_000),
  }),
  divided: delivered((random) => ({ dividedBySeed: seed(random) })),
  line_ends: delivered((random) => ({ lineEnds: pick(random, ['crlf', 'cr']) })),
  several_data_lines: delivered(() => ({ severalDataLines: true })),
  comments: delivered(() => ({ comments: true })),
  without_done: delivered(() => ({ withoutDone: true })),
  wrong_content_type: (answer: ScriptedAnswer) => ({
    ...answer,
    headers: { ...answer.headers, 'content-type': 'text/plain' },
  }),
  /** A `content-length` that is longer than the body. */
  wrong_length: failing((random) => ({ contentLengthOff: earlyByte(random) })),
  usage_missing: delivered(() => ({ usage: 'missing' })),
  usage_twice: delivered(() => ({ usage: 'twice' })),
  /** The head a few bytes at a time, over half a second or so. */
  slow_head: delivered(() => ({ drip: { part: 'head', everyMs: 10, bytes: 4 } })),
  slow_body: delivered(() => ({ drip: { part: 'body', everyMs: 5, bytes: 16 } })),
} satisfies Record<string, Injure>

/** Takes until the agent's own clock gives the call up: a minute and more with the product's. */
const SILENT = {
  /** Nothing is ever answered. */
  hang: failing(() => 'hang'),
  /** Half of the answer, and then nothing. */
  stall: failing(() => 'stall'),
} satisfies Record<string, Injure>

/** What another try does not mend, or what nobody can tell from a good answer. */
const LASTING = {
  quota_exhausted: failing(() => ({
    status: 429,
    body: { error: { message: 'no credit', type: 'insufficient_quota', code: 'insufficient_quota' } },
  })),
  unauthorized: failing(() => ({ status: 401 })),
  /** A piece of the text or of the arguments comes twice. Only the wire `openai-responses` tells the client. */
  piece_twice: failing(() => ({ pieceTwice: 0 })),
} satisfies Record<string, Injure>

const INJURIES = { ...REFUSED, ...BROKEN, ...ODD, ...SILENT, ...LASTING }

/** A way in which a provider has a bad day. */
export type FaultKind = keyof typeof INJURIES

const kindsOf = (of: Partial<Record<FaultKind, Injure>>) => Object.keys(of) as FaultKind[]

/** All kinds, by what an agent has to do about them. */
export const FAULT_KINDS = {
  /** No answer has begun: the call is made again. */
  refused: kindsOf(REFUSED),
  /** The answer has begun and is not whole: the call is made again, and may be billed twice. */
  broken: kindsOf(BROKEN),
  /** The answer is whole. */
  odd: kindsOf(ODD),
  /** Nothing comes until a clock gives the call up. */
  silent: kindsOf(SILENT),
  /** Another try does not help. */
  lasting: kindsOf(LASTING),
} as const satisfies Record<string, readonly FaultKind[]>

/** The answer as this fault makes it. */
export function injure(kind: FaultKind, answer: ScriptedAnswer, random: Random): ScriptedReply {
  return INJURIES[kind](answer, random)
}

const RETRY_AFTER: readonly (() => Record<string, string>)[] = [
  () => ({ 'retry-after': '1' }),
  () => ({ 'retry-after': '0.5' }),
  () => ({ 'retry-after-ms': '300' }),
  // Dates are whole seconds.
  () => ({ 'retry-after': new Date(Date.now() + 1_000).toUTCString() }),
]

const STREAM_ERRORS = [
  { type: 'overloaded_error', message: 'Overloaded' },
  { type: 'server_error', message: 'The server had an error while processing your request.' },
  { type: 'api_error', message: 'Internal server error' },
]
