import { inspect } from 'node:util'
import type { Script, ScriptedReply, ScriptedRequest, ScriptedToolCall } from '../script.ts'
import { type CallSite, callSite } from './call-site.ts'
import { shownText } from './shown-text.ts'

/** What a model call is to have in it: words (letter by letter), a pattern, or whatever a function finds. */
export type Sight = string | RegExp | ((request: ScriptedRequest) => boolean)

/** What the model answers: text, tool calls, or a reply with everything that the scripted provider can do, failures included. */
export type ModelReply =
  | string
  | ScriptedToolCall
  | readonly ScriptedToolCall[]
  | ScriptedReply
  | ((request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>)

/** One model call that is expected, until `answer` has said how it goes on. */
export interface ExpectedModelCall {
  /** The model has to be shown this, in its instructions or in the conversation. Given several times, all of it. */
  toSee(what: Sight): ExpectedModelCall
  /** These tools have to be on offer. */
  toBeOffered(...tools: readonly string[]): ExpectedModelCall
  answer(reply: ModelReply): void
}

export interface ModelExpectations {
  /** The next model call, in the order in which the calls come. */
  expectModelCall(): ExpectedModelCall
  /** Plays the expectations: for `startScriptedProvider`. */
  readonly script: Script
  /** Rejects with the first call that nobody expected, or that lacks what it was to have; never resolves. */
  readonly failed: Promise<never>
  /** @throws ExpectationError with that call, or where expected calls have not come */
  verify(): void
}

/** The model calls that came are not those that the test expects. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError'
}

interface Expectation {
  readonly site: CallSite
  readonly sights: Sight[]
  readonly tools: string[]
  reply: ModelReply | null
}

/**
 * Expected model calls, in order. Strict: a call that nobody expected fails, one that lacks what it was to have fails, and so does, in
 * `verify`, an expected call that has not come. After the first failure no further call is answered.
 */
export function createModelExpectations(): ModelExpectations {
  const expected: Expectation[] = []
  let received = 0
  let failure: ExpectationError | null = null
  const { promise: failed, reject } = Promise.withResolvers<never>()
  // A test that only looks at `verify` must not end its process.
  failed.catch(() => undefined)

  function refuse(problem: string): ScriptedReply {
    failure ??= new ExpectationError(problem)
    reject(failure)
    return { fault: { status: 400, body: { error: { type: 'invalid_request_error', message: problem } } } }
  }

  return {
    failed,
    expectModelCall() {
      const expectation: Expectation = { site: callSite(), sights: [], tools: [], reply: null }
      expected.push(expectation)
      return builderOf(expectation)
    },
    async script(request) {
      if (failure !== null) return refuse(failure.message)
      const expectation = expected[received]
      received += 1
      if (expectation === undefined) return refuse(unexpected(received, request))
      const missing = missingFrom(request, expectation)
      if (missing !== null) return refuse(`Model call ${received} (${expectation.site}) ${missing}`)
      if (expectation.reply === null) {
        return refuse(`Model call ${received} (${expectation.site}) has no answer: end it with .answer(…)`)
      }
      return toReply(expectation.reply, request)
    },
    verify() {
      if (failure !== null) throw failure
      const left = expected.slice(received)
      if (left.length === 0) return
      const places = left.map(({ site, sights }) => `\n  ${site}${sights.map(toBeSeen).join('')}`)
      throw new ExpectationError(
        `${count(left.length, 'expected model call')} did not come, after ${received} that did:${places.join('')}`,
      )
    },
  }
}

function builderOf(expectation: Expectation): ExpectedModelCall {
  const builder: ExpectedModelCall = {
    toSee(what) {
      expectation.sights.push(what)
      return builder
    },
    toBeOffered(...tools) {
      expectation.tools.push(...tools)
      return builder
    },
    answer(reply) {
      if (expectation.reply !== null) throw new ExpectationError('An expected model call has one answer.')
      expectation.reply = reply
    },
  }
  return builder
}

/** What the request lacks of what was expected, with what it has instead; null where it has everything. */
function missingFrom(request: ScriptedRequest, { sights, tools }: Expectation): string | null {
  const shown = shownText(request)
  const unseen = sights.find((sight) => !sees(request, shown, sight))
  if (unseen !== undefined) return `was${toBeSeen(unseen)}. It was shown:\n${indented(shown)}`
  const withheld = tools.filter((tool) => !request.tools.includes(tool))
  if (withheld.length === 0) return null
  return `was to be offered ${withheld.join(', ')}. It was offered: ${request.tools.join(', ') || 'no tool'}`
}

function sees(request: ScriptedRequest, shown: string, sight: Sight): boolean {
  if (typeof sight === 'string') return shown.includes(sight)
  // A pattern with the flag `g` goes on where it stopped the last time.
  if (sight instanceof RegExp) return shown.search(sight) >= 0
  return sight(request)
}

function toBeSeen(sight: Sight): string {
  return ` to see ${typeof sight === 'function' ? `what ${sight.name || 'a function'} looks for` : inspect(sight)}`
}

function unexpected(nth: number, request: ScriptedRequest): string {
  return `Nobody expected model call ${nth}, of ${request.model}. It was shown:\n${indented(shownText(request))}`
}

function toReply(reply: ModelReply, request: ScriptedRequest): ScriptedReply | Promise<ScriptedReply> {
  if (typeof reply === 'function') return reply(request)
  if (typeof reply === 'string') return { text: reply }
  if (isList(reply)) return { toolCalls: reply }
  return 'tool' in reply ? { toolCalls: [reply] } : reply
}

/** `Array.isArray` does not narrow a readonly array. */
function isList(reply: object): reply is readonly ScriptedToolCall[] {
  return Array.isArray(reply)
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
