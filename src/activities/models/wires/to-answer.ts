import { randomBytes } from 'node:crypto'
import { isDeeperThan, type Json } from '../../../contracts/json.ts'
import type { PlannedModel } from '../../../contracts/models/model.ts'
import type { AssistantMessage, ToolCall } from '../../../contracts/runs/message.ts'
import { SIZES } from '../../../policies/limits.ts'
import { storableCopy } from '../../../store/database/postgres-text.ts'
import { isWord } from '../failures/is-word.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { ModelAnswer } from './model-adapter.ts'
import { type ReadArguments, readArguments } from './read-arguments.ts'
import { readUsage } from './read-usage.ts'
import type { RawAnswer, RawCall, SentBackCall } from './wire-reader.ts'

/**
 * Checks an answer: its texts can be stored unchanged, its ids and names have a bounded length, its arguments are parsed, and its
 * counts are plausible. Later code changes nothing of it, so that what is hashed and what is stored are the same.
 *
 * @throws ModelFailure with the usage for an answer that was broken off, or that has no content
 */
export function toAnswer(raw: RawAnswer, model: PlannedModel, requestId: string | null): ModelAnswer {
  const usage = readUsage(raw.counts)
  const details = { usage, ...(requestId === null ? {} : { requestId }) }
  const malformed = (why: string) =>
    new ModelFailure('model_answer_malformed', { ...details, cause: new Error(why) })

  if (raw.ending === 'content_filtered') throw new ModelFailure('model_content_filtered', details)
  if (raw.ending === 'context_too_long') throw new ModelFailure('model_context_too_long', details)
  if (raw.ending === 'unknown') throw malformed(`it ended for ${reasonOf(raw)}`)
  if (raw.text.length > SIZES.maxAnswerCharacters) throw malformed(`${raw.text.length} characters of text`)

  const text = storableCopy(raw.text) as string
  const served = { usage, servedBy: nameOf(raw.model) ?? model.model, requestId }
  if (raw.ending === 'max_output_tokens') {
    const cutOffInCall = raw.calls.length > 0 && ({ cutOffInCall: true } as const)
    return { message: plainMessage(text, []), stop: 'max_output_tokens', ...cutOffInCall, ...served }
  }
  const calls = raw.ending === 'refusal' ? [] : readCalls(raw.calls)
  if (raw.ending === 'pause' && calls.length === 0)
    return { message: { ...messageOf(raw, model, text, []), paused: true }, stop: 'pause', ...served }
  if (raw.ending === 'refusal')
    return { message: messageOf(raw, model, text, []), stop: 'refusal', ...served }
  if (calls.length === 0 && raw.ending === 'tool_calls') throw malformed('it ended for a call, and has none')
  if (calls.length === 0 && text.trim() === '') throw malformed('nothing is said in it')
  return {
    message: messageOf(raw, model, text, calls),
    stop: calls.length > 0 ? 'tool_calls' : 'end',
    ...served,
  }
}

type ReadCall = SentBackCall & Pick<ReadArguments, 'problem' | 'received'>

/** The answer's calls up to a bound. Those beyond it are left out: each would be in history, only to be refused. */
function readCalls(raw: readonly RawCall[]): readonly ReadCall[] {
  const taken = new Set<string>()
  return raw.slice(0, SIZES.maxToolCallsPerAnswer).map((call) => {
    const callId = isCallId(call.id) && !taken.has(call.id) ? call.id : newCallId()
    taken.add(callId)
    return { callId, tool: nameOf(call.name) ?? NAMELESS, ...readArguments(call.arguments) }
  })
}

/** Ids of calls that every provider accepts in a later request. */
const CALL_ID = /^[a-zA-Z0-9_-]{1,64}$/
const NAMELESS = 'unnamed_tool'

function isCallId(id: string | undefined): id is string {
  return id !== undefined && CALL_ID.test(id)
}

/** An id that is unique in the run: some providers number the calls of each answer from 0. */
function newCallId(): string {
  return `call_${randomBytes(12).toString('hex')}`
}

/** A tool's or model's name; undefined where it is blank. A name that is too long gets an end that no name of ours has. */
function nameOf(raw: string | undefined): string | undefined {
  if (raw === undefined || raw.trim() === '') return undefined
  const most = SIZES.maxNameCharacters
  return storableCopy(raw.length <= most ? raw : `${raw.slice(0, most - 1)}…`) as string
}

function messageOf(
  raw: RawAnswer,
  { wire }: PlannedModel,
  text: string,
  calls: readonly ReadCall[],
): AssistantMessage {
  const toolCalls = calls.map(
    ({ callId, tool, arguments: args, problem, received }): ToolCall => ({
      callId,
      tool,
      arguments: args,
      ...(problem && { problem }),
      ...(received !== undefined && { received }),
    }),
  )
  const items = raw.wireItems(calls)
  if (items === null || isDeeperThan(items, SIZES.maxWireItemsDepth)) return plainMessage(text, toolCalls)
  const wireItems = storableCopy(items) as readonly Json[]
  if (JSON.stringify(wireItems).length > SIZES.maxWireItemsCharacters) return plainMessage(text, toolCalls)
  return { role: 'assistant', text, toolCalls, wire, wireItems }
}

/**
 * A message without the provider's own items, so that later requests have it in our form. This is also for an answer that ran into its
 * limit: its last call may be cut short, and providers refuse items without it (a call needs a result, reasoning needs its call).
 */
function plainMessage(text: string, toolCalls: readonly ToolCall[]): AssistantMessage {
  return { role: 'assistant', text, toolCalls, wire: 'none', wireItems: [] }
}

function reasonOf({ reason }: RawAnswer): string {
  if (reason === undefined) return 'no reason given'
  return isWord(reason) ? reason : 'a reason that is no word'
}
