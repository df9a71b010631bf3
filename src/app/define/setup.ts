import type { z } from 'zod'
import { createDefineApp, type DefineApp } from '../define-app.ts'
import { createDefineAgent, type DefineAgent } from './define-agent.ts'
import { createDefineTool, type DefineTool } from './define-tool.ts'
import type { Setup } from './setup-definition.ts'

export interface SetupDefinition<Env extends z.ZodObject, Services> {
  /** The environment variables that the application reads. A start with bad ones fails, with all problems at once. */
  readonly env?: Env
  /**
   * Made once a process, and disposed of at its end: by its own `Symbol.asyncDispose` or `Symbol.dispose`, otherwise by those of
   * its members, the last one first.
   */
  readonly services?: (given: { readonly env: z.output<Env> }) => Services | Promise<Services>
}

export interface Builders<Env, Services> {
  readonly defineTool: DefineTool<Env, Services>
  readonly defineAgent: DefineAgent<Env, Services>
  readonly defineApp: DefineApp<Env, Services>
}

/**
 * The three builders of an application with an environment and services of its own. Stands in a file that the application's
 * other files import them from; every handler then has `env` and `services` with their types.
 *
 * @example
 * export const { defineAgent, defineApp, defineTool } = setup({
 *   env: z.object({ CORP_URL: z.url(), CORP_TOKEN: secret() }),
 *   services: ({ env }) => ({ corp: corpClient(env.CORP_URL, env.CORP_TOKEN) }),
 * })
 */
export function setup<Env extends z.ZodObject = z.ZodObject<Record<never, never>>, Services = unknown>({
  env,
  services,
}: SetupDefinition<Env, Services>): Builders<z.output<Env>, Services> {
  return buildersOf({ env: env ?? null, services: services ?? null })
}

function buildersOf<Env, Services>(outside: Setup): Builders<Env, Services> {
  return {
    defineTool: createDefineTool(outside),
    defineAgent: createDefineAgent(outside),
    defineApp: createDefineApp(outside),
  }
}
