import { cutText, visible } from '../../../contracts/operator-text.ts'
import { number } from '../../../contracts/operator-words.ts'

/** Something that happened, as lines of a story. */
export interface Entry {
  /** RFC 3339. */
  readonly at: string
  /** The first word says what it is; further lines belong to the first. */
  readonly lines: readonly string[]
}

const LABEL = 11
export const INDENT = ' '.repeat('10:00:00.000  '.length)
const QUOTED_CHARACTERS = 400

/** A line that begins with one word for what it is about. */
export function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL)}${text}`
}

/** A further line of an entry, under the text of the first. */
export function under(text: string): string {
  return `${' '.repeat(LABEL)}${text}`
}

/** The lines of an entry, after its time of day. */
export function timed({ at, lines }: Entry): string[] {
  const [first = '', ...rest] = lines
  return [`${timeOf(at)}  ${first}`, ...rest.map((line) => `${INDENT}${line}`)]
}

export function timeOf(at: string): string {
  return at.slice(11, 23)
}

export function dayAndTime(at: string): string {
  return `${at.slice(0, 10)} ${timeOf(at)}`
}

/** What was used, with those of them that a provider's prompt cache had. */
export function tokens({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
}: Used): string {
  return `${number(input)} tokens in${cached > 0 ? ` (${number(cached)} cached)` : ''}, ${number(output)} out`
}

interface Used {
  readonly input_tokens: number
  readonly cached_input_tokens: number
  readonly output_tokens: number
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function between(from: string, to: string): string {
  return duration(Math.max(Date.parse(to) - Date.parse(from), 0))
}

/** A text of a model, a tool or a person in one line, its beginning. */
export function quoted(text: string): string {
  return visible(cutText(text, QUOTED_CHARACTERS))
}

export function json(value: unknown): string {
  return quoted(JSON.stringify(value))
}

/** A hop that was gone past without asking its model. */
export function skippedText(model: string, hop: string | number, code: string): string {
  return `${quoted(model)} (hop ${hop}): ${SKIPPED_SINCE[code] ?? 'it was not asked'} (${code})`
}

const SKIPPED_SINCE: Readonly<Record<string, string>> = {
  model_circuit_open: 'its circuit is open',
  model_held_back: 'its provider has asked for a pause',
  model_busy: 'its provider has as many calls at once as it takes',
  model_limit_reached: 'a limit of requests or tokens a minute is reached',
  model_price_unknown: 'its price is not known',
}

/** A text as it is, line by line. */
export function block(title: string, text: string): string[] {
  return [under(`${title}:`), ...text.split(/\r?\n/).map((line) => under(`  ${visible(line)}`))]
}
