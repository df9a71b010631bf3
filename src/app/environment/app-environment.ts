import type { AppEnvironment } from '../app.ts'
import type { Setup } from '../define/setup-definition.ts'
import { openServices } from './open-services.ts'
import { readEnvironment, variableNames } from './read-environment.ts'

export function appEnvironment(setup: Setup | null): AppEnvironment {
  const schema = setup?.env ?? null
  return {
    ...(schema === null ? { names: [], secrets: [] } : variableNames(schema)),
    read: (variables) => (schema === null ? { env: {} } : readEnvironment(schema, variables)),
    open: (env) => openServices(env, setup?.services ?? null),
  }
}
