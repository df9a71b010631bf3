import type { App } from './app.ts'
import { AppUnusable } from './app-unusable.ts'
import { buildApp } from './build-app.ts'
import { checkApp } from './check/check-app.ts'
import type { DefinedAgent } from './define/agent-definition.ts'
import type { AnyAppDefinition, AppDefinition } from './define/app-definition.ts'
import type { Setup } from './define/setup-definition.ts'

/** `defineApp` of an application whose environment and services are these. */
export interface DefineApp<Env, Services> {
  /**
   * The application, checked whole: the default export of the file that `holdfast` is started with.
   *
   * @example
   * export default defineApp({
   *   name: 'invoices',
   *   agents: [billing],
   *   approvalTerms: { finance: { approvers: ['finance'], quorum: 2, excludeRequester: true } },
   * })
   * @throws AppUnusable with all problems at once
   */
  // biome-ignore lint/style/useShorthandFunctionType: an editor shows a signature's comment where the builder is called
  <const Agents extends readonly DefinedAgent<Env, Services, never>[]>(
    definition: AppDefinition<Env, Services, Agents>,
  ): App
}

export function createDefineApp<Env, Services>(setup: Setup | null): DefineApp<Env, Services> {
  return (definition) => {
    // The compiler has checked what the type parameters say of handlers; checks and plans do not use them.
    const any = definition as AnyAppDefinition
    const problems = [...new Set(checkApp(any, setup))]
    if (problems.length > 0) throw new AppUnusable(problems)
    return buildApp(any, setup)
  }
}
