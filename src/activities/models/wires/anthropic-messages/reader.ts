import { readArguments } from '../read-arguments.ts'
import type { ReportedCounts } from '../read-usage.ts'
import type { AnswerEnding, RawAnswer, RawCall, SentBackCall, WireReader } from '../wire-reader.ts'
import { type Block, createBlocks, textIn } from './blocks.ts'
import { EVENT, MESSAGE, type MessagesEvent, type MessagesUsage } from './event.schema.ts'

/** Stop reasons. `pause_turn` comes with tools that the provider runs itself: we offer none, but a gateway may add some. */
const ENDINGS: ReadonlyMap<string, AnswerEnding> = new Map<string, AnswerEnding>([
  ['end_turn', 'end'],
  ['stop_sequence', 'end'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'max_output_tokens'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['model_context_window_exceeded', 'context_too_long'],
])

/** Puts an answer of the Messages API together from its events. */
export function messagesReader(): WireReader {
  const blocks = createBlocks()
  let model: string | undefined
  let usage: MessagesUsage = {}
  let reason: string | undefined
  let isOver = false

  /** Takes the first event. Its count of output tokens is left out: at that time the answer has none. */
  function begin({ message }: MessagesEvent): string {
    model = message?.model || model
    usage = { ...message?.usage, output_tokens: undefined }
    return (message?.content ?? []).map((block, index) => blocks.start(index, block)).join('')
  }

  /** Takes the counts of a later event: they are totals of the whole message, and absent where they do not apply. */
  function addUsage(more: MessagesUsage = {}): void {
    const counted = Object.entries(more).filter(([, count]) => count !== null && count !== undefined)
    usage = { ...usage, ...Object.fromEntries(counted) }
  }

  /** Takes an answer that the server has sent whole, without a stream. */
  function takeWhole(fields: unknown): string {
    const message = MESSAGE.parse(fields)
    const text = begin({ message })
    addUsage(message.usage)
    reason = message.stop_reason || reason
    isOver = true
    return text
  }

  function take(event: MessagesEvent): string {
    switch (event.type) {
      case 'message_start':
        return begin(event)
      case 'content_block_start':
        return blocks.start(event.index, event.content_block ?? {})
      case 'content_block_delta':
        return blocks.add(event.index, event.delta ?? {})
      case 'message_delta':
        reason = event.delta?.stop_reason || reason
        addUsage(event.usage)
        return ''
      case 'message_stop':
        isOver = true
        return ''
      default:
        return ''
    }
  }

  function endingOf(): AnswerEnding {
    const ending = (reason === undefined ? undefined : ENDINGS.get(reason)) ?? 'unknown'
    // Anthropic refuses thinking alone, so there would be nothing to send back.
    return ending === 'pause' && blocks.list.every(isThinking) ? 'unknown' : ending
  }

  return {
    get progress() {
      if (isOver) return 'ended'
      return reason === undefined ? 'open' : 'answered'
    },
    get hasBegun() {
      return blocks.list.length > 0
    },
    take: (fields) => (fields['type'] === 'message' ? takeWhole(fields) : take(EVENT.parse(fields))),
    done() {
      isOver = true
    },
    rawAnswer: (): RawAnswer => ({
      text: blocks.list.map((block) => (block.type === 'text' ? textIn(block, 'text') : '')).join(''),
      ending: endingOf(),
      reason,
      calls: blocks.list.filter(isCall).map(toRawCall),
      counts: countsOf(usage),
      model,
      wireItems: (sent) => toWireItems(blocks.list, sent),
    }),
  }
}

function isCall({ type }: Block): boolean {
  return type === 'tool_use'
}

function isThinking({ type }: Block): boolean {
  return type === 'thinking' || type === 'redacted_thinking'
}

function toRawCall({ fields, input }: Block): RawCall {
  const { id, name } = fields
  return {
    id: typeof id === 'string' ? id : undefined,
    name: typeof name === 'string' ? name : undefined,
    arguments: input === '' ? fields['input'] : input,
  }
}

/**
 * Blocks for later requests. Anthropic refuses blocks without text. Of the provider's own tools it wants call and result: a result
 * arrives whole. A block of an unknown type may be incomplete.
 */
function toWireItems(
  blocks: readonly Block[],
  sent: readonly (SentBackCall | undefined)[],
): readonly unknown[] {
  let n = 0
  return blocks.flatMap((block) => {
    switch (block.type) {
      case 'text':
        return textIn(block, 'text').trim() === '' ? [] : [block.fields]
      case 'thinking':
      case 'redacted_thinking':
        return [block.fields]
      case 'tool_use': {
        const call = sent[n++]
        if (call === undefined) return []
        return [{ ...block.fields, id: call.callId, name: call.tool, input: call.arguments }]
      }
      case 'server_tool_use':
        return [{ ...block.fields, input: readArguments(toRawCall(block).arguments).arguments }]
      default:
        return typeof block.type === 'string' && block.type.endsWith('_tool_result') ? [block.fields] : []
    }
  })
}

/** Anthropic counts cached input apart; our total includes it. */
function countsOf(usage: MessagesUsage): ReportedCounts {
  const { input_tokens: fresh, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage
  const parts = [fresh, read ?? 0, written ?? 0]
  return {
    input: fresh === undefined ? undefined : parts.reduce<number>((sum, part) => sum + numberOf(part), 0),
    cachedInput: read,
    cacheWrite: written,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens,
  }
}

/** The count, or NaN, which makes the sum unknown: a count that is no number, or below 0, can't be added to others. */
function numberOf(count: unknown): number {
  return typeof count === 'number' && count >= 0 ? count : Number.NaN
}
