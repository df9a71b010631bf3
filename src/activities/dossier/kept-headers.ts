import { DOSSIER } from '../../policies/operations/dossier.ts'
import { maskCredentials } from './credentials.ts'

/** Headers that say how a provider took a request. What is not on a list is not kept, so that no key is. */
const OF_REQUESTS = /^(accept|content-type|anthropic-(version|beta)|openai-beta|idempotency-key)$/
const OF_ANSWERS =
  /^(content-type|date|location|retry-after(-ms)?|x-should-retry|(x-)?request-id|cf-ray|openai-(processing-ms|version)|(x|anthropic)-ratelimit-[\w-]+)$/

/** Query parameters that are ours. Others may have a key in them. */
const OF_URLS: readonly string[] = ['stream', 'starting_after', 'include', 'include[]']

export function keptRequestHeaders(headers: Headers): Record<string, string> {
  return kept(headers, OF_REQUESTS, headers)
}

/** @param request the headers of the request, whose key is masked in those of the answer */
export function keptAnswerHeaders(headers: Headers, request: Headers): Record<string, string> {
  return kept(headers, OF_ANSWERS, request)
}

function kept(headers: Headers, names: RegExp, request: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => names.test(name))
      .map(([name, value]) => [
        name,
        maskCredentials(Buffer.from(value), request).toString().slice(0, DOSSIER.headerCharacters),
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
