import { readFileSync } from 'node:fs'
import type { TLSConfig } from '@temporalio/client'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * TLS towards Temporal. Adds what cannot be used to `problems`.
 *
 * As Temporal's own tools read it: TEMPORAL_TLS switches TLS on or off; without it any other TLS setting switches it on.
 */
export function temporalTls(set: Variables, problems: string[]): TLSConfig | boolean | null {
  const crt = pem('TEMPORAL_TLS_CLIENT_CERT', set, problems)
  const key = pem('TEMPORAL_TLS_CLIENT_KEY', set, problems)
  const serverRootCACertificate = pem('TEMPORAL_TLS_SERVER_CA_CERT', set, problems)
  const serverNameOverride = set.TEMPORAL_TLS_SERVER_NAME
  const details: TLSConfig = {
    ...(crt && key && { clientCertPair: { crt, key } }),
    ...(serverRootCACertificate && { serverRootCACertificate }),
    ...(serverNameOverride !== undefined && { serverNameOverride }),
  }
  if (set.TEMPORAL_TLS === '0' || set.TEMPORAL_TLS === 'false') return false
  if (Object.keys(details).length > 0) return details
  return set.TEMPORAL_TLS === undefined ? null : true
}

type Pem = 'TEMPORAL_TLS_CLIENT_CERT' | 'TEMPORAL_TLS_CLIENT_KEY' | 'TEMPORAL_TLS_SERVER_CA_CERT'

function pem(name: Pem, set: Variables, problems: string[]): Uint8Array | undefined {
  const path = set[`${name}_PATH`]
  const data = set[`${name}_DATA`]
  if (path !== undefined && data !== undefined)
    problems.push(`${name}_PATH and ${name}_DATA are both set: one is enough`)
  if (data !== undefined) return Buffer.from(data)
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    problems.push(
      `${name}_PATH names a file that could not be read (${(error as NodeJS.ErrnoException).code})`,
    )
    return undefined
  }
}
