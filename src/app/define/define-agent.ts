import type { AgentDefinition, AnyContext, DefinedAgent } from './agent-definition.ts'
import type { Setup } from './setup-definition.ts'

/** `defineAgent` of an application whose environment and services are these. */
export interface DefineAgent<Env, Services> {
  /**
   * An agent: what its model is told, which tools it has, and what it may use.
   *
   * @example
   * const billing = defineAgent({
   *   name: 'billing',
   *   version: 'v1',
   *   purpose: 'Answers questions about invoices.',
   *   instructions: 'You help customers with their invoices.',
   *   tools: [readInvoice, creditInvoice],
   *   limits: { maxSteps: 20 },
   *   budget: { limits: { maxCostMicroUsd: 500_000 }, onReached: 'pause' },
   * })
   */
  // biome-ignore lint/style/useShorthandFunctionType: an editor shows a signature's comment where the builder is called
  <Context = AnyContext>(
    definition: AgentDefinition<Env, Services, Context>,
  ): DefinedAgent<Env, Services, NoInfer<Context>>
}

const FIELDS = [
  'name',
  'version',
  'purpose',
  'instructions',
  'tools',
  'models',
  'output',
  'degradedAnswer',
  'whenNoModel',
  'limits',
  'budget',
  'startable',
] as const satisfies readonly (keyof AgentDefinition<unknown, unknown, unknown>)[]

export function createDefineAgent<Env, Services>(setup: Setup | null): DefineAgent<Env, Services> {
  return (definition) => ({
    holdfast: 'agent',
    definition,
    unknownFields: Object.keys(definition).filter((name) => !(FIELDS as readonly string[]).includes(name)),
    setup,
  })
}
