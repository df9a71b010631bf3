import { ReportedError } from '../../failures/reported-error.ts'
import type { ReportedCounts } from '../read-usage.ts'
import type { AnswerEnding, RawAnswer, SentBackCall, WireReader } from '../wire-reader.ts'
import {
  EVENT,
  type FinalResponse,
  ITEM,
  type Item,
  RESPONSE,
  type ResponsesEvent,
  type ResponsesUsage,
} from './event.schema.ts'
import { createStreamedItems } from './streamed-items.ts'

const INCOMPLETE: ReadonlyMap<string, AnswerEnding> = new Map<string, AnswerEnding>([
  ['max_output_tokens', 'max_output_tokens'],
  ['max_tokens', 'max_output_tokens'],
  ['content_filter', 'content_filtered'],
])

/** Stands between the messages of one answer. */
const BETWEEN_MESSAGES = '\n\n'

/** Puts an answer of the Responses API together: from its last event, or from the stream where the last event lacks the items. */
export function responsesReader(): WireReader {
  const items = createStreamedItems()
  let final: FinalResponse | undefined
  let isDone = false
  let hasBegun = false
  let messages = 0
  let streamedText = ''

  function addItem(event: ResponsesEvent): string {
    items.added(event)
    if (event.item?.['type'] !== 'message') return ''
    messages += 1
    return messages > 1 ? BETWEEN_MESSAGES : ''
  }

  function addText(event: ResponsesEvent): string {
    items.piece(event, event.delta ?? '', false)
    return event.delta ?? ''
  }

  /** Takes all of a part's text; some servers send no deltas before it. */
  function addWholeText(event: ResponsesEvent): string {
    const text = event.text ?? ''
    if (streamedText.endsWith(text)) return ''
    items.piece(event, text, true)
    return text
  }

  /** OpenAI reports some failures inside an answer that began with 200. */
  function end(response: FinalResponse): string {
    if (response.status === 'failed') throw new ReportedError(response.error, countsOf(response.usage))
    final = response
    return ''
  }

  function take(event: ResponsesEvent): string {
    switch (event.type) {
      case 'response.output_item.added':
        return addItem(event)
      case 'response.output_item.done':
        items.done(event)
        return ''
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return addText(event)
      case 'response.output_text.done':
        return addWholeText(event)
      case 'response.function_call_arguments.delta':
        items.piece(event, event.delta ?? '', false)
        return ''
      case 'response.function_call_arguments.done':
        if (event.arguments !== undefined) items.piece(event, event.arguments, true)
        return ''
      case 'response.completed':
        return end({ ...NOTHING, ...event.response, status: known(event.response?.status) ?? 'completed' })
      case 'response.incomplete':
        return end({ ...NOTHING, ...event.response, status: 'incomplete' })
      case 'response.failed':
        return end({ ...NOTHING, ...event.response, status: 'failed' })
      default:
        return ''
    }
  }

  return {
    get progress() {
      return isDone || final !== undefined ? 'ended' : 'open'
    },
    get hasBegun() {
      return hasBegun
    },
    take(fields) {
      if (isWhole(fields)) return end(RESPONSE.parse({ status: 'completed', ...fields }))
      const event = EVENT.parse(fields)
      hasBegun ||= event.type?.startsWith('response.output_') === true
      const text = take(event)
      streamedText += text
      return text
    },
    done() {
      isDone = true
    },
    rawAnswer() {
      const [listed, streamed] = [final?.output ?? [], items.list()]
      return toRawAnswer(
        final,
        hasNoContent(listed) && !hasNoContent(streamed) ? streamed : listed,
        streamedText,
      )
    },
  }
}

const NOTHING: FinalResponse = RESPONSE.parse({})

/** Whether the server has sent the whole answer at once, without a stream. */
function isWhole({ type, object, output }: Readonly<Record<string, unknown>>): boolean {
  return type === undefined && (object === 'response' || Array.isArray(output))
}

/** Some servers leave all items out of the last event, or all but the reasoning. */
function hasNoContent(items: readonly Item[]): boolean {
  return !items.some(({ type }) => type === 'message' || type === 'function_call')
}

/** The status where it says how the answer ended. A bridge server may leave the status there of an answer that goes on. */
function known(status: string | undefined): string | undefined {
  return status === 'in_progress' || status === 'queued' ? undefined : status
}

function toRawAnswer(
  final: FinalResponse | undefined,
  output: readonly Item[],
  streamedText: string,
): RawAnswer {
  const read = output.map((item) => ITEM.parse(item))
  const messages = read.filter(({ type }) => type === 'message')
  const itemsText = messages
    .map(({ content }) => content.map((part) => part.text ?? part.refusal ?? '').join(''))
    .filter((text) => text !== '')
    .join(BETWEEN_MESSAGES)
  const calls = read.filter(({ type }) => type === 'function_call')
  const refused = messages.some(({ content }) => content.some(({ type }) => type === 'refusal'))
  const reason = final?.incomplete_details?.reason

  function endingOf(): AnswerEnding {
    if (final?.status === 'completed') return refused && calls.length === 0 ? 'refusal' : 'end'
    const isIncomplete = final?.status === 'incomplete' && reason !== undefined
    return (isIncomplete ? INCOMPLETE.get(reason) : undefined) ?? 'unknown'
  }

  return {
    text: itemsText === '' ? streamedText : itemsText,
    ending: endingOf(),
    reason: reason ?? final?.status,
    calls: calls.map(({ call_id, name, arguments: args }) => ({ id: call_id, name, arguments: args })),
    counts: countsOf(final?.usage),
    model: final?.model,
    wireItems: (sent) => (itemsText === '' && streamedText !== '' ? null : toWireItems(output, sent)),
  }
}

/** The items unchanged but for the calls, which get the ids and arguments that we have stored. */
function toWireItems(
  output: readonly Item[],
  sent: readonly (SentBackCall | undefined)[],
): readonly unknown[] {
  let n = 0
  return output.flatMap((item) => {
    if (item['type'] !== 'function_call') return [item]
    const call = sent[n++]
    return call === undefined
      ? []
      : [{ ...item, call_id: call.callId, name: call.tool, arguments: call.text }]
  })
}

export function countsOf(usage: ResponsesUsage | undefined): ReportedCounts {
  return {
    input: usage?.input_tokens,
    cachedInput: usage?.input_tokens_details?.cached_tokens,
    cacheWrite: usage?.input_tokens_details?.cache_write_tokens,
    output: usage?.output_tokens,
    reasoning: usage?.output_tokens_details?.reasoning_tokens,
    total: usage?.total_tokens,
  }
}
