import { DOSSIER } from '../../policies/operations/dossier.ts'
import { maskCredentials } from './credentials.ts'

/** Headers that say how a provider took a request. What is not on a list is not kept, so that no key is. */
const OF_REQUESTS = /^(accept|content-type|anthropic-(version|beta)|openai-beta|idempotency-key)$/
const OF_ANSWERS =
  /^(content-type|date|location|retry-after(-ms)?|x-should-retry|(x-)?request-id|cf-ray|openai-(processing-ms|version)|(x|anthropic)-ratelimit-[\w-]+)$/

/** Query parameters that are ours. Others may have a key in them. */
const OF_URLS: readonly string[] = ['stream', 'starting_after', 'include', 'include[]']

type Kept = Record<string, string>

export function keptRequestHeaders(headers: Headers, credentials: readonly Buffer[]): Kept {
  return kept(headers, OF_REQUESTS, credentials)
}

/** @param credentials of the request: they are masked */
export function keptAnswerHeaders(headers: Headers, credentials: readonly Buffer[]): Kept {
  return kept(headers, OF_ANSWERS, credentials)
}

function kept(headers: Headers, names: RegExp, credentials: readonly Buffer[]): Kept {
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => names.test(name))
      .map(([name, value]) => [
        name,
        maskCredentials(Buffer.from(value), credentials).toString().slice(0, DOSSIER.headerCharacters),
      ]),
  )
}

/** The address with `…` in the place of values that are not ours. */
export function keptUrl(text: string): string {
  const url = new URL(text)
  const parameters = [...url.searchParams].map(
    ([name, value]) => `${name}=${OF_URLS.includes(name) ? value : '…'}`,
  )
  return `${url.origin}${url.pathname}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
}
