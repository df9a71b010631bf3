import { randomBytes } from 'node:crypto'
import { isDeeperThan, type Json } from '../../../contracts/json.ts'
import type { AssistantMessage, ToolCall } from '../../../contracts/message.ts'
import type { PlannedModel } from '../../../contracts/model.ts'
import { SIZES } from '../../../policies/limits.ts'
import { storableCopy } from '../../../store/database/postgres-text.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { ModelAnswer } from './model-adapter.ts'
import { type ReadArguments, readArguments } from './read-arguments.ts'
import { readUsage } from './read-usage.ts'
import type { SaidAnswer, SaidCall, SentBackCall } from './wire-reader.ts'

/**
 * What a wire has put together, made sound: texts that the store keeps as they are, ids and names of bounded length, arguments
 * parsed, counts that can be true. Nothing after this has to look again, so nothing that is hashed or stored differs from it.
 *
 * Throws a `ModelFailure` with the usage for what is no answer: one that was broken off, or in which nothing is said.
 */
export function toAnswer(said: SaidAnswer, model: PlannedModel, requestId: string | null): ModelAnswer {
  const usage = readUsage(said.counts)
  const details = { usage, ...(requestId === null ? {} : { requestId }) }
  const malformed = (why: string) =>
    new ModelFailure('model_answer_malformed', { ...details, cause: new Error(why) })

  if (said.ending === 'content_filtered') throw new ModelFailure('model_content_filtered', details)
  if (said.ending === 'context_too_long') throw new ModelFailure('model_context_too_long', details)
  if (said.ending === 'unknown') throw malformed(`it ended for ${excerpt(said.reason ?? 'no reason given')}`)
  if (said.text.length > SIZES.maxAnswerCharacters) throw malformed(`${said.text.length} characters of text`)

  const text = storableCopy(said.text) as string
  const served = { usage, servedBy: nameOf(said.model) ?? model.model, requestId }
  if (said.ending === 'max_output_tokens') {
    return { message: plain(text, []), stop: 'max_output_tokens', ...served }
  }
  const calls = said.ending === 'refusal' ? [] : readCalls(said.calls)
  if (said.ending === 'refusal')
    return { message: messageOf(said, model, text, []), stop: 'refusal', ...served }
  if (calls.length === 0 && said.ending === 'tool_calls') throw malformed('it ended for a call, and has none')
  if (calls.length === 0 && text.trim() === '') throw malformed('nothing is said in it')
  return {
    message: messageOf(said, model, text, calls),
    stop: calls.length > 0 ? 'tool_calls' : 'end',
    ...served,
  }
}

type ReadCall = SentBackCall & Pick<ReadArguments, 'problem' | 'received'>

/** Calls past the most that an answer may have are left out: each would stand in history, and could only be refused. */
function readCalls(said: readonly SaidCall[]): readonly ReadCall[] {
  const taken = new Set<string>()
  return said.slice(0, SIZES.maxToolCallsPerAnswer).map((call) => {
    const callId = isCallId(call.id) && !taken.has(call.id) ? call.id : newCallId()
    taken.add(callId)
    return { callId, tool: nameOf(call.name) ?? NAMELESS, ...readArguments(call.arguments) }
  })
}

/** What both providers take back as a call's id. */
const CALL_ID = /^[a-zA-Z0-9_-]{1,64}$/
const NAMELESS = 'unnamed_tool'

function isCallId(id: string | undefined): id is string {
  return id !== undefined && CALL_ID.test(id)
}

/** Unlike any other of the run, since some providers number each answer's calls from 0. */
function newCallId(): string {
  return `call_${randomBytes(12).toString('hex')}`
}

/** A tool's or model's name; one that is too long ends in a character that no name of ours has. undefined where it is blank. */
function nameOf(said: string | undefined): string | undefined {
  if (said === undefined || said.trim() === '') return undefined
  const most = SIZES.maxNameCharacters
  return storableCopy(said.length <= most ? said : `${said.slice(0, most - 1)}…`) as string
}

function messageOf(
  said: SaidAnswer,
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
  const items = said.wireItems(calls)
  if (items === null || isDeeperThan(items, SIZES.maxWireItemsDepth)) return plain(text, toolCalls)
  const wireItems = storableCopy(items) as readonly Json[]
  if (JSON.stringify(wireItems).length > SIZES.maxWireItemsCharacters) return plain(text, toolCalls)
  return { role: 'assistant', text, toolCalls, wire, wireItems }
}

/**
 * A message that is sent back in our words alone. Also for an answer that ran into its limit: a call that was cut short is no
 * call, and the wire's own items can't be sent back without it (a call waits for its result, reasoning for its call).
 */
function plain(text: string, toolCalls: readonly ToolCall[]): AssistantMessage {
  return { role: 'assistant', text, toolCalls, wire: 'none', wireItems: [] }
}

function excerpt(text: string): string {
  return text.slice(0, SIZES.loggedExcerptCharacters)
}
