import { z } from 'zod'
import type { Setup } from '../define/setup-definition.ts'
import { isOfProduct, OWN_PREFIX, VARIABLE_NAME } from './values.ts'

/** Yields the problems of the application's environment and services. */
export function* checkSetup(setup: Setup | null): Generator<string> {
  if (setup === null) return
  const { env, services } = setup
  if (services !== null && typeof services !== 'function') {
    yield 'setup: services is not a function. Write services: ({ env }) => ({ … }).'
  }
  if (env === null) return
  if (!(env instanceof z.ZodObject)) {
    yield 'setup: env is not an object schema. Write env: z.object({ CORP_URL: z.url() }).'
    return
  }
  for (const name of Object.keys(env.shape)) {
    if (!VARIABLE_NAME.test(name)) {
      yield `setup: env "${name}" is not the name of an environment variable. Use upper-case letters, digits and underscores.`
    } else if (name.startsWith(OWN_PREFIX)) {
      yield `setup: env "${name}" begins with ${OWN_PREFIX}, as the product's own names do. Choose another name.`
    } else if (isOfProduct(name)) {
      yield `setup: env "${name}" is a variable that the product reads. Choose another name.`
    }
  }
}
