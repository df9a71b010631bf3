import type { RemainingQuota } from '../../traffic/traffic.ts'
import type { ModelAnswer } from './model-adapter.ts'

/** The first that is there counts. Anthropic's `tokens` is the one of its token limits that is nearest. */
const NAMES: Readonly<Record<keyof RemainingQuota, readonly string[]>> = {
  requests: ['x-ratelimit-remaining-requests', 'anthropic-ratelimit-requests-remaining'],
  tokens: ['x-ratelimit-remaining-tokens', 'anthropic-ratelimit-tokens-remaining'],
}

/** What a provider says in an answer's headers is left of its limits; nothing where it says nothing that can be read. */
export function readRemaining(headers: Headers): Pick<ModelAnswer, 'remaining'> {
  const requests = read(headers, 'requests')
  const tokens = read(headers, 'tokens')
  if (requests === undefined && tokens === undefined) return {}
  return {
    remaining: { ...(requests !== undefined && { requests }), ...(tokens !== undefined && { tokens }) },
  }
}

function read(headers: Headers, unit: keyof RemainingQuota): number | undefined {
  for (const name of NAMES[unit]) {
    const value = headers.get(name)?.trim() ?? ''
    // Azure sends -1 where it does not count.
    if (/^\d{1,15}$/.test(value)) return Number(value)
  }
  return undefined
}
