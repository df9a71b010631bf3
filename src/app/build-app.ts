import type { JsonObject } from '../contracts/json.ts'
import { APP_TIMING } from '../policies/app-timing.ts'
import { answerSchemaOf } from './answer-schema.ts'
import type { App } from './app.ts'
import { bindTool } from './bind-tool.ts'
import type { AnyAgent } from './define/agent-definition.ts'
import type { AnyAppDefinition } from './define/app-definition.ts'
import { isPromptFile } from './define/prompt.ts'
import type { Setup } from './define/setup-definition.ts'
import { toJsonObject } from './define/to-json.ts'
import { appEnvironment } from './environment/app-environment.ts'
import { loadPrompts, type PromptTexts } from './load-prompts.ts'
import { resolvePrices } from './models/prices.ts'
import { ownProviders } from './models/providers.ts'
import { planDefinition, promptOf } from './plan/plan-definition.ts'
import { planRun } from './plan/plan-run.ts'
import { resolveTerms } from './plan/resolve-terms.ts'
import { within } from './within.ts'

/** Builds the value that api, worker, local stack and commands get from a definition that has been checked. */
export function buildApp(definition: AnyAppDefinition, setup: Setup | null): App {
  const { agents, models = {} } = definition
  const agentsByName = new Map(agents.map((agent) => [agent.definition.name, agent]))
  const planned = new Map(agents.map((agent) => [agent.definition.name, planDefinition(agent, models)]))
  const purposeOf = (agent: string) => agentsByName.get(agent)?.definition.purpose ?? ''
  const tools = new Map(
    agents
      .flatMap((agent) => agent.definition.tools ?? [])
      .map((tool) => [tool.name, bindTool(tool, purposeOf)]),
  )
  const answerSchemas = new Map(
    agents.flatMap(({ definition: { name, output } }) =>
      output === undefined ? [] : [[name, answerSchemaOf(output)] as const],
    ),
  )
  const parts = { agents: planned, terms: resolveTerms(definition.approvalTerms) }
  const texts = new Map([...inlineInstructions(agents), ...loadPrompts(definition.prompts)])
  return {
    holdfast: 'app',
    name: definition.name,
    agents: agents
      .filter((agent) => planned.get(agent.definition.name)?.startable)
      .map(({ definition: { name, version, purpose = '' } }) => ({ name, version, purpose })),
    hasAgent: (name) => agentsByName.has(name),
    plan: (name, overrides) => planRun(parts, name, overrides),
    tool: (name) => tools.get(name) ?? null,
    answerSchema: (agent) => answerSchemas.get(agent) ?? null,
    prompt: (name, version) => texts.get(`${name}.${version}`) ?? null,
    instructions(name, context) {
      const agent = agentsByName.get(name)
      return agent === undefined ? null : instructionsOf(agent, context, texts)
    },
    async context(request, outside) {
      if (definition.context === undefined) return {}
      // The cast restores the types of `setup`: this application's environment has opened `outside`.
      const full = { ...request, ...outside } as Parameters<typeof definition.context>[0]
      const { context } = definition
      const what = `The context of ${definition.name}`
      const late = `${what} was not resolved within ${APP_TIMING.contextMs / 1000} s`
      return toJsonObject(what, await within(APP_TIMING.contextMs, () => context(full), late))
    },
    models: {
      providers: ownProviders(models),
      prices: resolvePrices(models),
    },
    environment: appEnvironment(setup, ownProviders(models)),
    migrations: definition.migrations ?? null,
    local: definition.local ?? {},
  }
}

/** Instructions that are written in the agents themselves, by `name.version`. */
function inlineInstructions(agents: readonly AnyAgent[]): PromptTexts {
  return new Map(
    agents.flatMap(({ definition }) => {
      const { name, version, instructions } = definition
      return typeof instructions === 'string' ? [[`${name}.${version}`, instructions] as const] : []
    }),
  )
}

function instructionsOf({ definition }: AnyAgent, context: JsonObject, texts: PromptTexts): string | null {
  const { instructions } = definition
  if (typeof instructions === 'string') return instructions
  if (isPromptFile(instructions)) {
    const { name, version } = promptOf(definition)
    return texts.get(`${name}.${version}`) ?? null
  }
  const text: unknown = instructions(context as never)
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TypeError(`The instructions of agent ${definition.name} are no text for this context`)
  }
  return text
}
