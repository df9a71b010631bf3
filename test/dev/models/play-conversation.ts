import assert from 'node:assert/strict'
import { findTool } from '../../../src/activities/tools/catalog.ts'
import { ToolError } from '../../../src/activities/tools/tool-error.ts'
import { AGENTS } from '../../../src/agents/registry.ts'
import { ERROR_CODES, type ErrorCode } from '../../../src/contracts/error-codes.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { AssistantMessage, Message, ToolCall } from '../../../src/contracts/message.ts'
import { supportScript } from '../../../src/dev/models/scripts/support.ts'
import type { Database } from '../../../src/store/database.ts'
import { contextOf } from '../../activities/tools/shop-context.ts'

/** Puts something in a tool's place: an error of the run's own, as when a person rejects the call. */
export type Instead = Readonly<Record<string, { readonly code: ErrorCode; readonly personSays?: string }>>

export interface Conversation {
  /** The last thing that the customer was told. */
  readonly answer: string
  /** Names of the tools called, one list a step. */
  readonly steps: readonly (readonly string[])[]
  readonly calls: readonly ToolCall[]
  readonly messages: readonly Message[]
}

interface Options {
  readonly principal?: string
  readonly instead?: Instead
  /** Asks the model; the script itself where it is not given. */
  readonly ask?: (messages: readonly Message[]) => Promise<AssistantMessage>
}

const MOST_STEPS = 8

/** Plays the loop of a run, without a server: the script speaks, and the real tools answer. */
export async function playConversation(
  db: Database,
  said: readonly string[],
  { principal = 'local', instead = {}, ask = askScript }: Options = {},
): Promise<Conversation> {
  const messages: Message[] = []
  const steps: string[][] = []
  let answer = ''
  for (const text of said) {
    messages.push({ role: 'user', text })
    for (let step = 0; ; step++) {
      assert.ok(step < MOST_STEPS, 'the script does not come to an end')
      const message = await ask(messages)
      messages.push(message)
      answer = message.text
      if (message.toolCalls.length === 0) break
      steps.push(message.toolCalls.map(({ tool }) => tool))
      for (const call of message.toolCalls) {
        messages.push(await answerCall(db, call, { principal, instead }))
      }
    }
    assert.ok(answer.length > 20, 'the customer is left without an answer')
  }
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []))
  return { answer, steps, calls, messages }
}

/** Asks the script itself. A provider that is asked the same thing again must not hear another story. */
async function askScript(messages: readonly Message[]): Promise<AssistantMessage> {
  const request = {
    wire: 'openai-responses',
    model: 'gpt-5.5',
    system: '',
    messages,
    tools: AGENTS.support.tools,
    headers: {},
    body: {},
    signal: new AbortController().signal,
  } as const
  const reply = await supportScript(request)
  assert.deepEqual(await supportScript(request), reply)
  assert.ok(!('fault' in reply))
  const toolCalls = (reply.toolCalls ?? []).map(({ tool, arguments: args }, index): ToolCall => {
    assert.ok(typeof args === 'object')
    return { callId: `call_${messages.length}_${index}`, tool, arguments: args }
  })
  return { role: 'assistant', text: reply.text ?? '', toolCalls, wire: 'none', wireItems: [] }
}

async function answerCall(
  db: Database,
  { callId, tool: name, arguments: args }: ToolCall,
  { principal, instead }: { principal: string; instead: Instead },
): Promise<Message> {
  const tool = findTool(name)
  assert.ok(tool, `the script calls ${name}`)
  assert.deepEqual(tool.misfits(args), [], `${name} ${JSON.stringify(args)}`)
  const say = (content: JsonObject): Message => ({
    role: 'tool',
    callId,
    tool: name,
    content: JSON.stringify(content),
    isError: 'error' in content,
  })
  const put = instead[name]
  if (put) {
    const words = put.personSays === undefined ? {} : { person_says: put.personSays }
    return say({ error: put.code, message: ERROR_CODES[put.code].text, ...words })
  }
  try {
    return say(await tool.run(args, contextOf(db, { principal })))
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error))
    return say({ error: error.code, message: error.message })
  }
}
