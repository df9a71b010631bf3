/** Headers of requests that have a provider's key. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key'] as const

/** A shorter value is no key, and would be found everywhere. */
const LEAST_CHARACTERS = 8

/** The keys in a request's headers. */
export function credentialsIn(headers: Headers): readonly Buffer[] {
  return CREDENTIAL_HEADERS.flatMap((name) => headers.get(name) ?? [])
    .map((value) => value.replace(/^\w+ +/, ''))
    .filter((value) => value.length >= LEAST_CHARACTERS)
    .map((value) => Buffer.from(value))
}

/** Bytes of the longest of a request's keys; 0 where there is none. */
export function longestCredential(headers: Headers): number {
  return Math.max(0, ...credentialsIn(headers).map(({ length }) => length))
}

/** The bytes with `*` in the place of each of the request's keys: some servers repeat them in their answer. The length stays the same. */
export function maskCredentials(bytes: Buffer, credentials: readonly Buffer[]): Buffer {
  let masked = bytes
  for (const credential of credentials) {
    for (let at = masked.indexOf(credential); at >= 0; at = masked.indexOf(credential, at)) {
      if (masked === bytes) masked = Buffer.from(bytes)
      masked.fill('*', at, at + credential.length)
    }
  }
  return masked
}
