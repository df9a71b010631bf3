/** Headers of requests that have a provider's key. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key'] as const

/** A shorter value is no key, and would be found everywhere. */
const LEAST_CHARACTERS = 8

/** The keys in a request's headers. */
function credentialsIn(headers: Headers): readonly string[] {
  return CREDENTIAL_HEADERS.flatMap((name) => headers.get(name) ?? [])
    .map((value) => value.replace(/^\w+ +/, ''))
    .filter((value) => value.length >= LEAST_CHARACTERS)
}

/** Bytes of the longest of them; 0 where there is none. */
export function longestCredential(headers: Headers): number {
  return Math.max(0, ...credentialsIn(headers).map((credential) => Buffer.byteLength(credential)))
}

/** The bytes with `*` in the place of each key of the request: some servers repeat it in their answer. The length stays the same. */
export function maskCredentials(bytes: Buffer, headers: Headers): Buffer {
  let masked = bytes
  for (const credential of credentialsIn(headers).map((text) => Buffer.from(text))) {
    for (let at = masked.indexOf(credential); at >= 0; at = masked.indexOf(credential, at)) {
      if (masked === bytes) masked = Buffer.from(bytes)
      masked.fill('*', at, at + credential.length)
    }
  }
  return masked
}
