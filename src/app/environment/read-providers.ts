import type { ProviderAccess } from '../models/provider-access.ts'
import { type AppProvider, baseUrlVariable } from '../models/providers.ts'
import { readVariable, type Variables, withFileNames } from './read-environment.ts'

export interface ProvidersRead {
  readonly providers: readonly ProviderAccess[]
  /** One a line; values of keys are not in it. */
  readonly problems: readonly string[]
}

/** Characters that an HTTP header can contain. */
const KEY = /^[\x21-\x7e]+$/

/** The application's own servers, with the keys and addresses that the environment has for them. */
export function readProviders(own: readonly AppProvider[], variables: Variables): ProvidersRead {
  const problems: string[] = []
  const providers = own.map(({ name, wire, baseUrl, apiKey }) => ({
    name,
    wires: [wire],
    baseUrl: readBaseUrl(baseUrlVariable(name), variables, problems) ?? baseUrl,
    apiKey: apiKey === null ? null : readKey(apiKey, variables, problems),
    keyVariable: apiKey,
  }))
  // Two servers may share a key.
  return { providers, problems: [...new Set(problems)] }
}

/** Variables that these servers are read from. A key may be given as a file as well. */
export function providerVariables(own: readonly AppProvider[]): {
  readonly names: readonly string[]
  readonly secrets: readonly string[]
} {
  const secrets = [...new Set(own.flatMap(({ apiKey }) => apiKey ?? []))]
  return { names: [...withFileNames(secrets), ...own.map(({ name }) => baseUrlVariable(name))], secrets }
}

function readKey(name: string, variables: Variables, problems: string[]): string | null {
  const { value, problem } = readVariable(name, variables)
  if (problem !== null) problems.push(problem)
  if (value === undefined) return null
  if (!KEY.test(value)) problems.push(`${name} is not a key: it has characters that no header carries`)
  return value
}

function readBaseUrl(name: string, variables: Variables, problems: string[]): string | undefined {
  const value = variables[name] || undefined
  if (value !== undefined && !isHttpUrl(value)) problems.push(`${name} is not an http:// or https:// URL`)
  return value
}

export function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '')
}
