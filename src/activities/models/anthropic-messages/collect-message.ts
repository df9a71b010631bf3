import type {
  ContentBlock,
  Message,
  MessageDeltaUsage,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages'
import { ModelFailure, type ModelFailureDetails } from '../model-failure.ts'
import { parseArguments } from '../parse-arguments.ts'

/**
 * A message put together from its events. The SDK's own helper reads tool input leniently, so that a call that was cut short
 * would look whole; here the raw text is kept until the stop reason is known.
 */
export interface CollectedMessage {
  message: Message | null
  readonly blocks: ContentBlock[]
  /** Raw JSON of tool input, by block. */
  readonly inputs: Map<number, string>
  complete: boolean
}

export function newMessage(): CollectedMessage {
  return { message: null, blocks: [], inputs: new Map(), complete: false }
}

/** Adds one event; gives back the text of the answer in it. */
export function addEvent(collected: CollectedMessage, event: RawMessageStreamEvent): string {
  switch (event.type) {
    case 'message_start':
      collected.message = event.message
      return ''
    case 'content_block_start':
      collected.blocks[event.index] = { ...event.content_block }
      return event.content_block.type === 'text' ? event.content_block.text : ''
    case 'content_block_delta':
      return addDelta(collected, event)
    case 'message_delta': {
      const message = started(collected)
      message.stop_reason = event.delta.stop_reason
      updateUsage(message, event.usage)
      return ''
    }
    case 'message_stop':
      collected.complete = true
      return ''
    default:
      return ''
  }
}

function addDelta(
  { blocks, inputs }: CollectedMessage,
  { index, delta }: Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>,
): string {
  const block = blocks[index]
  if (delta.type === 'input_json_delta') {
    inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json)
  } else if (delta.type === 'text_delta' && block?.type === 'text') {
    block.text += delta.text
    return delta.text
  } else if (delta.type === 'citations_delta' && block?.type === 'text') {
    block.citations = [...(block.citations ?? []), delta.citation]
  } else if (delta.type === 'thinking_delta' && block?.type === 'thinking') {
    block.thinking += delta.thinking
  } else if (delta.type === 'signature_delta' && block?.type === 'thinking') {
    block.signature = delta.signature
  } else {
    throw new ModelFailure('model_answer_malformed', {
      cause: new Error(`a ${delta.type} for no block of its kind`),
    })
  }
  return ''
}

/** Counters in a later event are totals of the whole message and are left out where they do not apply. */
function updateUsage(message: Message, usage: MessageDeltaUsage): void {
  const counted = Object.fromEntries(
    Object.entries(usage).filter(([, count]) => count !== null && count !== undefined),
  )
  message.usage = { ...message.usage, ...counted }
}

export function started({ message }: CollectedMessage): Message {
  if (message === null)
    throw new ModelFailure('model_answer_malformed', { cause: new Error('no message_start') })
  return message
}

/** The blocks as the next request has to carry them, tool input parsed. An empty text block would be refused there. */
export function finishBlocks(
  { blocks, inputs }: CollectedMessage,
  details: ModelFailureDetails,
): readonly ContentBlock[] {
  return blocks
    .filter((block) => block.type !== 'text' || block.text !== '')
    .map((block) => {
      const input = inputs.get(blocks.indexOf(block))
      return block.type === 'tool_use' && input !== undefined
        ? { ...block, input: parseArguments(input, details) }
        : block
    })
}
