export const JSON_TYPE = 'application/json'
export const STREAM = 'text/event-stream'
export const TEXT = 'text/plain'

/** Whether to answer with a stream: only where the client names the type, since every client sends `*\/*`. */
export function prefersStream(header: string | undefined): boolean {
  const isNamed = header?.toLowerCase().includes(STREAM) ?? false
  const weight = acceptWeight(header, STREAM)
  return isNamed && weight > 0 && weight >= acceptWeight(header, JSON_TYPE)
}

/** The type that an `Accept` header prefers, of those that the route has; the first one where it prefers none. */
export function bestType<T extends string>(header: string | undefined, types: readonly [T, ...T[]]): T {
  let [best] = types
  for (const type of types) {
    if (acceptWeight(header, type) > acceptWeight(header, best)) best = type
  }
  return best
}

/**
 * The weight that an `Accept` header gives to a media type, from 0 (refused) to 1. The most exact range that matches decides (RFC 9110,
 * 12.5.1). Without a header every type has weight 1.
 */
export function acceptWeight(header: string | undefined, mediaType: string): number {
  if (header === undefined || header.trim() === '') return 1
  const [type] = mediaType.split('/')
  const exactness = [`*/*`, `${type}/*`, mediaType]
  let best = { exactness: -1, weight: 0 }
  for (const range of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
    const at = exactness.indexOf(name)
    if (at > best.exactness) best = { exactness: at, weight: weightOf(parameters) }
  }
  return best.weight
}

function weightOf(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  if (q === undefined) return 1
  const weight = Number(q.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
