import type { Config } from '../../config/config.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { readPrivateFile } from '../../local/private-file.ts'

/** An API, and the key for it; null where none is known. */
export interface ApiAddress {
  readonly url: string
  readonly key: string | null
}

/**
 * The API that the command line or the environment names, else that of the local stack. The local stack's own key is sent to no other
 * API: it may do everything.
 */
export function apiAddressOf(
  { api, auth, dataDir, client }: Pick<Config, 'api' | 'auth' | 'dataDir' | 'client'>,
  url: string | null,
): ApiAddress {
  const named = url ?? client.apiUrl
  if (named !== null || client.apiKey !== null) return { url: named ?? apiUrl(api), key: client.apiKey }
  return { url: apiUrl(api), key: auth === 'none' ? null : readPrivateFile(localKeyPath(dataDir)) }
}
