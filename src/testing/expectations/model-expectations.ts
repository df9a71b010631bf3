import { inspect } from 'node:util'
import type { Script, ScriptedReply, ScriptedRequest, ScriptedToolCall } from '../script.ts'
import { type CallSite, callSite } from './call-site.ts'
import { shownText } from './shown-text.ts'

/** What a model call has to contain: an exact text, a pattern, or something that a function looks for. */
export type ExpectedContent = string | RegExp | ((request: ScriptedRequest) => boolean)

/** The model's answer: text, tool calls, or any reply that the scripted provider can give, failures included. */
export type ModelReply =
  | string
  | ScriptedToolCall
  | readonly ScriptedToolCall[]
  | ScriptedReply
  | ((request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>)

/** One expected model call. `answer` comes last: it says how the call is answered. */
export interface ExpectedModelCall {
  /** The instructions or the conversation have to contain this. Each further `toSee` adds to what the call has to contain. */
  toSee(what: ExpectedContent): ExpectedModelCall
  /** These tools have to be on offer. */
  toBeOffered(...tools: readonly string[]): ExpectedModelCall
  answer(reply: ModelReply): void
}

export interface ModelExpectations {
  /** The next model call, in the order in which the calls come. */
  expectModelCall(): ExpectedModelCall
  /** Answers model calls by the expectations; for `startScriptedProvider`. */
  readonly script: Script
  /** Rejects at the first call that is unexpected, or that lacks what it has to contain; never resolves. */
  readonly failed: Promise<never>
  /** @throws ExpectationError about that call, or about expected calls that have not come */
  verify(): void
}

/** The model calls that came are not those that the test expects. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError'
}

interface Expectation {
  readonly site: CallSite
  readonly contents: ExpectedContent[]
  readonly tools: string[]
  reply: ModelReply | null
}

/**
 * Expected model calls, in order. An unexpected call fails, and so does one that lacks what it has to contain; `verify` fails where an
 * expected call has not come. After the first failure no further call is answered.
 */
export function createModelExpectations(): ModelExpectations {
  const expected: Expectation[] = []
  let received = 0
  let failure: ExpectationError | null = null
  const { promise: failed, reject } = Promise.withResolvers<never>()
  // A test that only calls `verify` does not handle this rejection, which would end its process.
  failed.catch(() => undefined)

  function refuse(problem: string): ScriptedReply {
    failure ??= new ExpectationError(problem)
    reject(failure)
    return { fault: { status: 400, body: { error: { type: 'invalid_request_error', message: problem } } } }
  }

  return {
    failed,
    expectModelCall() {
      const expectation: Expectation = { site: callSite(), contents: [], tools: [], reply: null }
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
      const places = left.map(({ site, contents }) => `\n  ${site}${contents.map(toSeeText).join('')}`)
      throw new ExpectationError(
        `${count(left.length, 'expected model call')} did not come, after ${received} that did:${places.join('')}`,
      )
    },
  }
}

function builderOf(expectation: Expectation): ExpectedModelCall {
  const builder: ExpectedModelCall = {
    toSee(what) {
      expectation.contents.push(what)
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
function missingFrom(request: ScriptedRequest, { contents, tools }: Expectation): string | null {
  const shown = shownText(request)
  const absent = contents.find((content) => !contains(request, shown, content))
  if (absent !== undefined) return `was${toSeeText(absent)}. It was shown:\n${indented(shown)}`
  const withheld = tools.filter((tool) => !request.tools.includes(tool))
  if (withheld.length === 0) return null
  return `was to be offered ${withheld.join(', ')}. It was offered: ${request.tools.join(', ') || 'no tool'}`
}

function contains(request: ScriptedRequest, shown: string, content: ExpectedContent): boolean {
  if (typeof content === 'string') return shown.includes(content)
  // `search` and not `test`: a pattern with the flag `g` would go on where it stopped the last time.
  if (content instanceof RegExp) return shown.search(content) >= 0
  return content(request)
}

function toSeeText(content: ExpectedContent): string {
  return ` to see ${typeof content === 'function' ? `what ${content.name || 'a function'} looks for` : inspect(content)}`
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
