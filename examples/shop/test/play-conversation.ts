import assert from 'node:assert/strict'
import { type AppDatabase, type JsonObject, ToolError } from 'holdfast'
import type { AssistantMessage, Message, ToolCall } from 'holdfast/testing'
import shop from '../app.ts'
import SCRIPT from '../script/index.ts'
import { contextOf } from './shop-context.ts'
import { type Plan, shopPlan } from './shop-plan.ts'

/** Puts something in a tool's place: an error of the run's own (docs/errors.md), as when a person rejects the call. */
export type Instead = Readonly<Record<string, { readonly code: string; readonly personSays?: string }>>

export interface Conversation {
  /** The last thing that the customer was told. */
  readonly answer: string
  /** Names of the tools called, one list a step. */
  readonly steps: readonly (readonly string[])[]
  readonly calls: readonly ToolCall[]
  readonly messages: readonly Message[]
  /** Who gave the last answer. */
  readonly speaker: string
}

interface Options {
  readonly principal?: string
  readonly instead?: Instead
  /** Asks the model; the script itself where it is not given. */
  readonly ask?: Ask
  /** Of the support agent, unless another is given. */
  readonly plan?: Plan
}

export type Ask = (messages: readonly Message[], tools: readonly string[]) => Promise<AssistantMessage>

const MOST_STEPS = 12

/**
 * Plays the loop of a run, without a server: the script speaks, and the real tools answer. A handoff gives the turn to the
 * specialist, and a sub-agent plays a conversation of its own.
 */
export async function playConversation(
  db: AppDatabase,
  said: readonly string[],
  { principal = 'local', instead = {}, ask = askScript, plan = shopPlan('support') }: Options = {},
): Promise<Conversation> {
  const messages: Message[] = []
  const steps: string[][] = []
  let speaker: Pick<Plan, 'agent' | 'tools'> = plan
  let answer = ''
  for (const text of said) {
    messages.push({ role: 'user', text })
    for (let step = 0; ; step++) {
      assert.ok(step < MOST_STEPS, 'the script does not come to an end')
      const message = await ask(
        messages,
        speaker.tools.map(({ name }) => name),
      )
      messages.push(message)
      answer = message.text
      if (message.toolCalls.length === 0) break
      steps.push(message.toolCalls.map(({ tool }) => tool))
      for (const call of message.toolCalls) {
        const row = speaker.tools.find(({ name }) => name === call.tool)
        assert.ok(row, `${speaker.agent.name} calls ${call.tool}`)
        const child = row.execution === 'child' ? plan.subAgents?.[row.to ?? ''] : undefined
        messages.push(await answerCall(db, call, { principal, instead, ask, child, handsTo: row.to }))
        if (row.execution === 'handoff' && !instead[call.tool])
          speaker = plan.specialists?.[row.to ?? ''] ?? plan
      }
    }
    assert.ok(answer.length > 20, 'the customer is left without an answer')
  }
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []))
  return { answer, steps, calls, messages, speaker: speaker.agent.name }
}

/** Asks the script itself. A provider that is asked the same thing again must not hear another story. */
async function askScript(messages: readonly Message[], tools: readonly string[]): Promise<AssistantMessage> {
  const request = {
    wire: 'openai-responses',
    model: 'gpt-5.5',
    system: '',
    messages,
    tools,
    headers: {},
    body: {},
    signal: new AbortController().signal,
  } as const
  const reply = await SCRIPT(request)
  assert.deepEqual(await SCRIPT(request), reply)
  assert.ok(!('fault' in reply))
  const toolCalls = (reply.toolCalls ?? []).map(({ tool, arguments: args }, index): ToolCall => {
    assert.ok(typeof args === 'object')
    return { callId: `call_${messages.length}_${index}`, tool, arguments: args }
  })
  return { role: 'assistant', text: reply.text ?? '', toolCalls, wire: 'none', wireItems: [] }
}

interface Surroundings extends Required<Pick<Options, 'principal' | 'instead' | 'ask'>> {
  readonly child: Plan | undefined
  readonly handsTo: string | undefined
}

async function answerCall(
  db: AppDatabase,
  { callId, tool: name, arguments: args }: ToolCall,
  { principal, instead, ask, child, handsTo }: Surroundings,
): Promise<Message> {
  const tool = shop.tool(name)
  assert.ok(tool, `the script calls ${name}`)
  assert.deepEqual(tool.invalidArguments(args), [], `${name} ${JSON.stringify(args)}`)
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
    return say({ error: put.code, message: 'The call has no result.', ...words })
  }
  if (child) {
    const played = await playConversation(db, [String(args['task'])], {
      principal,
      instead,
      ask,
      plan: child,
    })
    return say({ answer: played.answer })
  }
  if (!('execute' in tool)) return say({ handed_to: handsTo ?? '' })
  try {
    return say(await tool.execute(args, contextOf(db, { principal })))
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error))
    return say({ error: error.code, message: error.message })
  }
}
