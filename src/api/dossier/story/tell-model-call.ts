import type { AttemptResource, ExchangeResource, ModelCallResource } from '../trace.schema.ts'
import { block, duration, type Entry, labelled, money, number, quoted, under } from './words.ts'

/** What was asked of one hop, and what came of it. */
export function tellModelCall(call: ModelCallResource): Entry[] {
  const { cache, attempts, answer } = call
  return [
    ...(cache ? [tellCache(cache, answer?.at ?? cache.began_at)] : []),
    ...attempts.map((attempt) => tellAttempt(call, attempt)),
    ...(answer ? [tellAnswer(answer)] : []),
  ]
}

/** A hit is noted together with the answer that it gives, and comes before it. */
function tellCache(
  { outcome, saved_micro_usd, began_at }: NonNullable<ModelCallResource['cache']>,
  answeredAt: string,
): Entry {
  const text = {
    miss: 'has no answer to this',
    waits: 'has no answer yet: another run asks the same',
    exact: `has the answer to the same request, which saves ${money(saved_micro_usd)}`,
    semantic: `has the answer to a question of the same meaning, which saves ${money(saved_micro_usd)}`,
    lexical: `has the answer to nearly the same words, which saves ${money(saved_micro_usd)}`,
  }[outcome]
  return { at: began_at < answeredAt ? began_at : answeredAt, lines: [labelled('cache', text)] }
}

function tellAttempt({ hop, provider, model }: ModelCallResource, attempt: AttemptResource): Entry {
  const { exchanges } = attempt
  const purpose = exchanges[0]?.purpose ?? 'answer'
  const what = purpose === 'answer' ? `hop ${hop}` : purpose
  const worst =
    attempt.worst_micro_usd === null ? 'without a price' : `${money(attempt.worst_micro_usd)} at most`
  return {
    at: attempt.began_at,
    lines: [
      labelled('asks', `${provider} ${model} (${what}, attempt ${attempt.attempt}, ${worst})`),
      ...exchanges.flatMap(tellExchange),
      under(outcomeOf(attempt)),
    ],
  }
}

function outcomeOf(attempt: AttemptResource): string {
  const { status, code, taken_up, usage } = attempt
  const cost = costOf(attempt)
  const used = `${number(usage.input_tokens)} tokens in (${number(usage.cached_input_tokens)} cached), ${number(usage.output_tokens)} out`
  const again = taken_up === undefined ? '' : `; read on ${taken_up} times by another attempt`
  const is = {
    open: 'is under way',
    ok: `answered: ${used}${usage.estimated ? ', estimated' : ''}, ${cost}`,
    failed: `failed: ${code ?? 'no code'}, ${usage.input_tokens > 0 ? `${used}, ` : ''}${cost}`,
    unknown: `came to no end that was seen${code === undefined ? '' : ` (${code})`}, ${cost}`,
  }[status]
  return `${is}${again}`
}

function costOf({ cost_micro_usd, unknown_micro_usd }: AttemptResource): string {
  if (cost_micro_usd !== null) return cost_micro_usd === 0 ? 'cost nothing' : `cost ${money(cost_micro_usd)}`
  return `cost unknown: ${money(unknown_micro_usd)} counts`
}

function tellExchange(exchange: ExchangeResource): string[] {
  const { method, url, status, head_ms, first_byte_ms, took_ms, complete, request, answer } = exchange
  const id = exchange.answer_headers['x-request-id'] ?? exchange.answer_headers['request-id']
  const wait = exchange.answer_headers['retry-after']
  const came =
    status === null
      ? [`no answer in ${duration(took_ms)}`]
      : [
          `${status} after ${duration(head_ms ?? took_ms)}`,
          ...(first_byte_ms === null ? [] : [`first byte after ${duration(first_byte_ms)}`]),
          `${complete ? 'whole' : 'left'} after ${duration(took_ms)}`,
          `${number(answer.bytes)} bytes`,
          ...(id === undefined ? [] : [`request ${quoted(id)}`]),
          ...(wait === undefined ? [] : [`asks to wait ${quoted(wait)} s`]),
        ]
  return [
    under(`${method} ${quoted(url)}, ${number(request.bytes)} bytes`),
    under(came.join(', ')),
    ...(request.text === undefined ? [] : block('sent', indented(request.text))),
    ...(answer.text === undefined ? [] : block('came', answer.text)),
    ...(answer.base64 === undefined ? [] : block('came, in base64', answer.base64)),
  ]
}

/** JSON over several lines; another text as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function tellAnswer(answer: NonNullable<ModelCallResource['answer']>): Entry {
  const { stop, served_by, preview, problem, cached, latency_ms, at } = answer
  const how = cached === undefined ? `after ${duration(latency_ms)}` : `from the cache (${cached})`
  return {
    at,
    lines: [
      labelled('answers', `${quoted(served_by)} ${how}, ${STOPS[stop] ?? stop}`),
      ...(preview === '' ? [] : [under(`"${quoted(preview)}"`)]),
      ...(problem === undefined ? [] : [under(`cannot be used as it is: ${problem}`)]),
    ],
  }
}

const STOPS: Readonly<Record<string, string>> = {
  end: 'to the end',
  tool_calls: 'and calls tools',
  max_output_tokens: 'cut off at its output cap',
  refusal: 'and declines',
  pause: 'and pauses',
}
