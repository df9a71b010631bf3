import type { AppEnvironment } from '../app.ts'
import type { Setup } from '../define/setup-definition.ts'
import type { AppProvider } from '../models/providers.ts'
import { openServices } from './open-services.ts'
import { readEnvironment, readVariable, variableNames } from './read-environment.ts'
import { providerVariables, readProviders } from './read-providers.ts'

export function appEnvironment(setup: Setup | null, own: readonly AppProvider[]): AppEnvironment {
  const schema = setup?.env ?? null
  const ofSetup = schema === null ? { names: [], secrets: [] } : variableNames(schema)
  const ofProviders = providerVariables(own)
  const secrets = [...new Set([...ofSetup.secrets, ...ofProviders.secrets])]
  return {
    names: [...new Set([...ofSetup.names, ...ofProviders.names])],
    secrets,
    secretValues: (variables) => secrets.flatMap((name) => readVariable(name, variables).value ?? []),
    read: (variables) => (schema === null ? { env: {} } : readEnvironment(schema, variables)),
    readProviders: (variables) => readProviders(own, variables),
    open: (env) => openServices(env, setup?.services ?? null),
  }
}
