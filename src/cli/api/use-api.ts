import { createClient, type HoldfastClient, HoldfastError } from '../../client/index.ts'
import { loadConfig } from '../../config/config.ts'
import { visible } from '../../contracts/operator-text.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { apiAddressOf } from './api-address.ts'
import { mistakesText } from './mistakes-text.ts'

interface UseOptions {
  readonly url?: string | null
  /** Outlives a restart of the API, in place of telling the person soon that nobody answers. */
  readonly patient?: boolean
}

/** For a person who waits: an API that is away is said to be away soon. */
export const IMPATIENT = { retries: 2 }

/** Does something with a client of the API that the person means. @throws CommandError with the API's own words where it refuses */
export async function useApi<T>(
  { url = null, patient = false }: UseOptions,
  work: (client: HoldfastClient) => Promise<T>,
): Promise<T> {
  const api = apiAddressOf(loadConfig(), url)
  try {
    const key = api.key === null ? {} : { key: api.key }
    return await work(createClient({ url: api.url, ...key, timing: patient ? {} : IMPATIENT }))
  } catch (error) {
    throw error instanceof HoldfastError ? toCommandError(error, api.url) : error
  }
}

/** What a person reads of a request that came to nothing. */
export function toCommandError(error: HoldfastError, url: string): CommandError {
  if (error.code === 'no_answer')
    return new CommandError(
      `No API answers at ${url}. Start a stack with "holdfast dev", or name the API with --url or HOLDFAST_API_URL.`,
      EXIT.unavailable,
    )
  const advice = error.status === 401 ? ' HOLDFAST_API_KEY names the key.' : ''
  return new CommandError(
    `${visible(error.message)}${advice}${mistakesText(error.errors)}`,
    exitCodeOf(error),
  )
}

function exitCodeOf({ status }: HoldfastError): number {
  if (status === 404) return EXIT.notFound
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.refused
}
