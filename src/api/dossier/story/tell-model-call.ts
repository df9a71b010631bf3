import { counted, dollars } from '../../../contracts/operator-words.ts'
import type { AttemptResource, ModelCallResource } from '../trace.schema.ts'
import { tellExchanges } from './tell-exchanges.ts'
import { duration, type Entry, labelled, quoted, skippedText, timeOf, tokens, under } from './words.ts'

/** What was asked of one hop, and what came of it. */
export function tellModelCall(call: ModelCallResource): Entry[] {
  const { hop, provider, model, cache, skipped = [], attempts, answer } = call
  return [
    ...(cache ? [tellCache(cache, answer?.at ?? cache.began_at)] : []),
    ...skipped.map(({ code, at }) => ({
      at,
      lines: [labelled('skips', skippedText(`${provider} ${model}`, hop, code))],
    })),
    ...attempts.map((attempt) => tellAttempt(hop, attempt)),
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
    exact: `has the answer to the same request, which saves ${dollars(saved_micro_usd)}`,
    semantic: `has the answer to a question of the same meaning, which saves ${dollars(saved_micro_usd)}`,
    lexical: `has the answer to nearly the same words, which saves ${dollars(saved_micro_usd)}`,
  }[outcome]
  return { at: began_at < answeredAt ? began_at : answeredAt, lines: [labelled('cache', text)] }
}

function tellAttempt(hop: number, attempt: AttemptResource): Entry {
  const { provider, model, purpose = 'answer', exchanges } = attempt
  const about = [
    purpose === 'answer' ? `hop ${hop}` : purpose,
    `attempt ${attempt.attempt}`,
    ...(attempt.cost_micro_usd === null ? [worstOf(attempt)] : []),
  ]
  return {
    at: attempt.began_at,
    lines: [
      labelled('asks', `${provider} ${model} (${about.join(', ')})`),
      ...tellExchanges(exchanges),
      under(outcomeOf(attempt)),
    ],
  }
}

function worstOf({ worst_micro_usd: worst }: AttemptResource): string {
  return worst === null ? 'without a price' : `${dollars(worst)} at most`
}

function outcomeOf(attempt: AttemptResource): string {
  const { status, code, taken_up, usage, lost } = attempt
  const cost = costOf(attempt)
  const used = tokens(usage)
  const isStopped = code === 'model_call_stopped'
  const is = {
    open: lost ? 'its worker is gone; another one will ask again' : 'is under way',
    ok: `answered: ${used}${usage.estimated ? ', estimated' : ''}, ${cost}`,
    failed: `${isStopped ? 'was stopped' : `failed: ${code ?? 'no code'}`}, ${usage.input_tokens > 0 ? `${used}, ` : ''}${cost}`,
    unknown: `${isStopped ? 'was stopped' : endOf(attempt)}, ${cost}`,
  }[status]
  return `${is}${taken_up === undefined ? '' : `; read on ${counted(taken_up, 'time')} by another attempt`}`
}

/** What is known of an end that nobody has told. */
function endOf({ code, lost, exchanges, ended_at }: AttemptResource): string {
  if (lost !== true) return `came to no end that was seen${code === undefined ? '' : ` (${code})`}`
  const found = ended_at === undefined ? '' : `, found ${timeOf(ended_at)}`
  return exchanges.length === 0
    ? `lost with its worker${found}: what went over the wire is not kept`
    : `lost with its worker${found}`
}

function costOf({ cost_micro_usd, unknown_micro_usd }: AttemptResource): string {
  if (cost_micro_usd !== null)
    return cost_micro_usd === 0 ? 'cost nothing' : `cost ${dollars(cost_micro_usd)}`
  return `cost unknown: ${dollars(unknown_micro_usd)} counts`
}

function tellAnswer(answer: Answer): Entry {
  const { stop, served_by, preview, problem, cached, hedge, latency_ms, at } = answer
  const how = cached === undefined ? `after ${duration(latency_ms)}` : `from the cache (${cached})`
  return {
    at,
    lines: [
      labelled('answers', `${quoted(served_by)} ${how}, ${STOPS[stop] ?? stop}`),
      ...(hedge === undefined ? [] : [under(hedgeText(hedge))]),
      ...(preview === '' ? [] : [under(`"${quoted(preview)}"`)]),
      ...(problem === undefined ? [] : [under(`cannot be used as it is: ${problem}`)]),
    ],
  }
}

type Answer = NonNullable<ModelCallResource['answer']>

function hedgeText({ hop, model, outcome }: NonNullable<Answer['hedge']>): string {
  const what = outcome === 'stopped' ? 'was slower, and was stopped' : 'failed'
  return `of two that were asked at once: ${quoted(model)} (hop ${hop}) ${what}`
}

const STOPS: Readonly<Record<string, string>> = {
  end: 'to the end',
  tool_calls: 'and calls tools',
  max_output_tokens: 'cut off at its output cap',
  refusal: 'and declines',
  pause: 'and pauses',
}
