import type { AppEnvironment } from '../app.ts'
import type { Setup } from '../define/setup-definition.ts'
import type { AppProvider } from '../models/providers.ts'
import { openServices } from './open-services.ts'
import { readEnvironment, variableNames } from './read-environment.ts'
import { providerVariables, readProviders } from './read-providers.ts'

export function appEnvironment(setup: Setup | null, own: readonly AppProvider[]): AppEnvironment {
  const schema = setup?.env ?? null
  const ofSetup = schema === null ? { names: [], secrets: [] } : variableNames(schema)
  const ofProviders = providerVariables(own)
  return {
    names: [...new Set([...ofSetup.names, ...ofProviders.names])],
    secrets: [...new Set([...ofSetup.secrets, ...ofProviders.secrets])],
    read: (variables) => (schema === null ? { env: {} } : readEnvironment(schema, variables)),
    readProviders: (variables) => readProviders(own, variables),
    open: (env) => openServices(env, setup?.services ?? null),
  }
}
