import type { Config } from '../config/config.ts'

/** The API's URL for a client on the same machine. */
export function apiUrl({ host, port }: Config['api']): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
