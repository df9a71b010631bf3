import { ENVIRONMENT, type Environment, isLoopback } from './environment.ts'

/* Checks over several variables of the environment. Each returns its problems, one a line. */

type Variables = Readonly<Record<string, string | undefined>>

/** A misspelt HOLDFAST_ name would otherwise be a setting that silently does nothing. */
export function unknownNames(set: Variables, appNames: readonly string[]): string[] {
  const known = Object.keys(ENVIRONMENT.shape).filter((name) => name.startsWith('HOLDFAST_'))
  return Object.keys(set)
    .filter((name) => name.startsWith('HOLDFAST_') && !known.includes(name) && !appNames.includes(name))
    .map((name) => `${name} is not a name that Holdfast knows; there are ${known.join(', ')}`)
}

const NEEDS = [
  ['HOLDFAST_EMBEDDINGS_BASE_URL', ['HOLDFAST_EMBEDDINGS_MODEL']],
  ['HOLDFAST_EMBEDDINGS_MODEL', ['HOLDFAST_EMBEDDINGS_BASE_URL']],
  ['HOLDFAST_EMBEDDINGS_API_KEY', ['HOLDFAST_EMBEDDINGS_BASE_URL']],
  ['HOLDFAST_EMBEDDINGS_PREFIX', ['HOLDFAST_EMBEDDINGS_BASE_URL']],
  ['OPENAI_BASE_URL', ['OPENAI_API_KEY']],
  ['ANTHROPIC_BASE_URL', ['ANTHROPIC_API_KEY']],
  ['TEMPORAL_API_KEY', ['TEMPORAL_ADDRESS']],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_KEY_DATA']],
  ['TEMPORAL_TLS_CLIENT_CERT_DATA', ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_KEY_DATA']],
  ['TEMPORAL_TLS_CLIENT_KEY_PATH', ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_CERT_DATA']],
  ['TEMPORAL_TLS_CLIENT_KEY_DATA', ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_CERT_DATA']],
] as const satisfies readonly (readonly [keyof Environment, readonly (keyof Environment)[]])[]

export function missingPairs(set: Variables): string[] {
  return NEEDS.filter(([name, partners]) => name in set && !partners.some((partner) => partner in set)).map(
    ([name, partners]) => `${name} is set but ${partners.join(' or ')} is not: they go together`,
  )
}

/** HOLDFAST_AUTH=none lets everybody in who reaches the API, so it must not be reachable from other machines. */
export function openWithoutKeys({ HOLDFAST_AUTH, HOST = '127.0.0.1' }: Variables): string[] {
  if (HOLDFAST_AUTH !== 'none' || isLoopback(HOST)) return []
  return ['HOST is not a loopback address, and HOLDFAST_AUTH=none serves this machine alone']
}
