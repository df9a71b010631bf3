import type { Json, JsonObject } from 'holdfast'
import type { Message, ScriptedRequest, ToolMessage } from 'holdfast/testing'

/** What a tool said in answer to one call. */
export interface ToolResult {
  readonly tool: string
  readonly arguments: JsonObject
  /** null where the call did not succeed. */
  readonly value: JsonObject | null
  readonly error: ToolProblem | null
}

interface ToolProblem {
  readonly code: string
  readonly text: string
  /** A person's words, where a person rejected the call. */
  readonly personSays: string | null
}

/** The part of a conversation that is still to be answered. */
export interface Turn {
  /** What the customer wants: all their messages in it, a line each. */
  readonly said: string
  /** The answer before, if any. */
  readonly lastAnswer: string
  /** What the tools said in it, in the order of the calls. */
  readonly results: readonly ToolResult[]
  /** Names of the tools on offer: all that a script knows of whose turn it is. */
  readonly tools: readonly string[]
}

/**
 * Reads the turn out of the conversation. `last_message`: only what came after our last answer. `open_question`: where that
 * answer asked something back, also what it was asked about, and what the tools said then.
 */
export function readTurn(
  { messages, tools }: Pick<ScriptedRequest, 'messages' | 'tools'>,
  reach: 'last_message' | 'open_question',
): Turn {
  const answers = messages.flatMap((message, index) =>
    message.role === 'assistant' && message.toolCalls.length === 0 ? [{ index, text: message.text }] : [],
  )
  const last = answers.at(-1)
  const from = reach === 'last_message' ? last : answers.findLast(({ text }) => !text.trimEnd().endsWith('?'))
  const open = messages.slice((from?.index ?? -1) + 1)
  return {
    said: open.flatMap((message) => (message.role === 'user' ? [message.text] : [])).join('\n'),
    lastAnswer: last?.text ?? '',
    results: readResults(open),
    tools,
  }
}

/** The newest result of a tool in this turn, optionally of a call with this argument. */
export function findResult(
  turn: Turn,
  tool: string,
  argument?: Readonly<Record<string, Json>>,
): ToolResult | undefined {
  return turn.results.findLast(
    (result) =>
      result.tool === tool &&
      Object.entries(argument ?? {}).every(([name, value]) => result.arguments[name] === value),
  )
}

function readResults(messages: readonly Message[]): ToolResult[] {
  const said = new Map(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message]] : [])),
  )
  return messages.flatMap((message) =>
    message.role !== 'assistant'
      ? []
      : message.toolCalls.flatMap((call) => {
          const answer = said.get(call.callId)
          return answer ? [{ tool: call.tool, arguments: call.arguments, ...readContent(answer) }] : []
        }),
  )
}

/** Not every wire has a field for errors, and some say it in front of the content; what counts is the JSON in it. */
function readContent({ content }: ToolMessage): Pick<ToolResult, 'value' | 'error'> {
  const value = parseObject(content.slice(content.indexOf('{')))
  if (value === null) return { value: null, error: { code: 'tool_failed', text: content, personSays: null } }
  const { error, message, person_says: personSays } = value
  if (typeof error !== 'string') return { value, error: null }
  return {
    value: null,
    error: {
      code: error,
      text: typeof message === 'string' ? message : '',
      personSays: typeof personSays === 'string' ? personSays : null,
    },
  }
}

function parseObject(content: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(content)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}
