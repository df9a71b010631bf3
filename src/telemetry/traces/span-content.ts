import type { Attributes } from '@opentelemetry/api'
import { textWithWords } from '../../contracts/files/message-file.ts'
import type { Message } from '../../contracts/runs/message.ts'
import type { Db } from '../../store/database/database.ts'
import { findModelTexts, findToolTexts } from '../../store/record/call-texts.ts'
import type { FactRun } from '../facts.ts'
import type { Redactor } from '../redaction/redactor.ts'
import type { FinishedSpan } from './finished-span.ts'
import { GEN_AI, HOLDFAST, OPERATION } from './names.ts'

/** Finds what was said in the call of a span, redacted, as attributes of it; none for a span of something else. */
export type FindContent = (run: FactRun, span: FinishedSpan) => Promise<Attributes>

/** Content for those who have asked for it. It is read from the store, since facts hold none. */
export function createFindContent(database: () => Db, redactor: Redactor): FindContent {
  const text = (value: unknown) => JSON.stringify(redactor.redactValue(value))

  return async (run, { attributes }) => {
    const step = attributes[HOLDFAST.step]
    const hop = attributes[HOLDFAST.hop]
    const index = attributes[HOLDFAST.callIndex]
    if (typeof step !== 'number') return {}
    if (isAnswer(attributes) && typeof hop === 'number') {
      const messages = await findModelTexts(database(), run, { step, hop })
      const answer = messages.at(-1)
      if (answer === undefined) return {}
      return {
        [GEN_AI.inputMessages]: text(messages.slice(0, -1).map(toParts)),
        [GEN_AI.outputMessages]: text([toParts(answer)]),
      }
    }
    if (attributes[GEN_AI.operation] === OPERATION.tool && typeof index === 'number') {
      const texts = await findToolTexts(database(), run, { step, index })
      return {
        ...(texts?.arguments && { [GEN_AI.toolArguments]: text(texts.arguments) }),
        ...(texts?.result && { [GEN_AI.toolResult]: text(texts.result) }),
      }
    }
    return {}
  }
}

function isAnswer(attributes: Attributes): boolean {
  return attributes[HOLDFAST.purpose] === 'answer' && attributes[HOLDFAST.outcome] === 'answered'
}

/** A message as the conventions want it. */
function toParts(message: Message) {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: [{ type: 'text', content: textWithWords(message) }] }
    case 'tool':
      return {
        role: 'tool',
        parts: [{ type: 'tool_call_response', id: message.callId, response: message.content }],
      }
    case 'assistant':
      return {
        role: 'assistant',
        parts: [
          ...(message.text === '' ? [] : [{ type: 'text', content: message.text }]),
          ...message.toolCalls.map(({ callId: id, tool: name, arguments: args }) => ({
            type: 'tool_call',
            id,
            name,
            arguments: args,
          })),
        ],
      }
  }
}
