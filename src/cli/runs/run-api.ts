import type { Config } from '../../config.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { CommandError } from '../command-error.ts'

/** An API, and the key for it; null where none is known. */
export interface RunApi {
  readonly url: string
  readonly key: string | null
}

/**
 * The API that the command line or the environment names, else that of the local stack. The local stack's own key is sent to no other
 * API: it may do everything.
 */
export function runApiOf(
  { api, auth, dataDir, client }: Pick<Config, 'api' | 'auth' | 'dataDir' | 'client'>,
  url: string | null,
): RunApi {
  const named = url ?? client.apiUrl
  if (named !== null || client.apiKey !== null) return { url: named ?? apiUrl(api), key: client.apiKey }
  return { url: apiUrl(api), key: auth === 'none' ? null : readPrivateFile(localKeyPath(dataDir)) }
}

/** The answer to a GET. @throws CommandError with the API's own words where it refuses */
export async function fetchFromApi({ url, key }: RunApi, path: string, accept: string): Promise<Response> {
  const answer = await fetch(new URL(path, url), {
    headers: { accept, ...(key !== null && { authorization: `Bearer ${key}` }) },
  }).catch(() => {
    throw new CommandError(
      `No API answers at ${url}. Start a stack with "holdfast dev", or name the API with --url or HOLDFAST_API_URL.`,
    )
  })
  if (answer.ok) return answer
  const problem = (await answer.json().catch(() => ({}))) as { readonly detail?: string }
  const detail = problem.detail ?? `It answered ${answer.status}.`
  throw new CommandError(answer.status === 401 ? `${detail} HOLDFAST_API_KEY names the key.` : detail)
}
