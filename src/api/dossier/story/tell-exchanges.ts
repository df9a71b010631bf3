import { number } from '../../../contracts/operator-words.ts'
import type { ExchangeResource } from '../trace.schema.ts'
import { block, duration, quoted, timeOf, under } from './words.ts'

/** The requests of an attempt. Of those in a row that are alike, such as looks at an answer in the background, the first and the last are told. */
export function tellExchanges(exchanges: readonly ExchangeResource[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < exchanges.length; ) {
    const alike = inARow(exchanges.slice(at))
    const [first, ...others] = alike
    const last = others.at(-1)
    if (first !== undefined) lines.push(...tellExchange(first, at > 0))
    if (others.length > 1) lines.push(under(`… ${number(others.length - 1)} more like it`))
    if (last !== undefined) lines.push(...tellExchange(last, true))
    at += alike.length
  }
  return lines
}

/** The first one, and those after it from which it differs only in when it was, and how long it took. */
function inARow(exchanges: readonly ExchangeResource[]): readonly ExchangeResource[] {
  const [first] = exchanges
  const end = exchanges.findIndex(
    (other, n) => n > 0 && !(first && isPlain(first) && isPlain(other) && first.url === other.url),
  )
  return end < 0 ? exchanges : exchanges.slice(0, end)
}

function isPlain({ method, status, complete, answer }: ExchangeResource): boolean {
  const hasText = answer.text !== undefined || answer.base64 !== undefined
  return method === 'GET' && status === 200 && complete && !hasText
}

function tellExchange(exchange: ExchangeResource, isLater: boolean): string[] {
  const { method, url, began_at, request, answer } = exchange
  const when = isLater ? `${timeOf(began_at)} ` : ''
  return [
    under(`${when}${method} ${quoted(url)}${request.bytes > 0 ? `, ${number(request.bytes)} bytes` : ''}`),
    under(whatCame(exchange).join(', ')),
    ...(answer.excerpt === undefined ? [] : [under(`"${quoted(answer.excerpt)}"`)]),
    ...(request.text === undefined ? [] : block('sent', indented(request.text))),
    ...(answer.text === undefined ? [] : block('came', answer.text)),
    ...(answer.base64 === undefined ? [] : block('came, in base64', answer.base64)),
  ]
}

function whatCame(exchange: ExchangeResource): string[] {
  const { status, head_ms, first_byte_ms, took_ms, complete, worker, lost, answer, answer_headers } = exchange
  const id = answer_headers['x-request-id'] ?? answer_headers['request-id']
  const wait = answer_headers['retry-after']
  if (status === null && took_ms !== null) return [`no answer in ${duration(took_ms)}`]
  const end =
    took_ms === null
      ? [`${lost ? 'lost with' : 'under way at'} worker ${quoted(worker ?? 'of another release')}`]
      : [`${complete ? 'whole' : 'left'} after ${duration(took_ms)}`, `${number(answer.bytes)} bytes`]
  return [
    ...(status === null ? [] : [head_ms === null ? `${status}` : `${status} after ${duration(head_ms)}`]),
    ...(first_byte_ms === null ? [] : [`first byte after ${duration(first_byte_ms)}`]),
    ...end,
    ...(id === undefined ? [] : [`request ${quoted(id)}`]),
    ...(wait === undefined ? [] : [`asks to wait ${quoted(wait)} s`]),
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
