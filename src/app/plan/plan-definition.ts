import type { RunBudget } from '../../contracts/budgets/budget.ts'
import type { PlannedAgent, RunLimits } from '../../contracts/runs/plan.ts'
import { DEFAULT_BUDGET, DEFAULT_DEGRADED_ANSWER, DEFAULT_LIMITS } from '../../policies/agent-defaults.ts'
import { answerSchemaOf } from '../answer-schema.ts'
import type { AnyAgent } from '../define/agent-definition.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'
import { isPromptFile, readReference } from '../define/prompt.ts'
import { resolveModels } from '../models/resolve-models.ts'
import { resolveRouting } from '../models/resolve-routing.ts'
import { resolveWindow } from '../models/resolve-window.ts'
import { planCache } from './plan-cache.ts'
import { planTool } from './plan-tool.ts'

/** An agent with everything that it names, ready to be put into plans. */
export interface PlannedDefinition {
  readonly planned: PlannedAgent
  readonly limits: RunLimits
  readonly budget: RunBudget
  readonly startable: boolean
}

export function planDefinition({ definition }: AnyAgent, models: ModelsDefinition): PlannedDefinition {
  const { name, version, whenNoModel, cache, output, window, budget = {} } = definition
  const chains = resolveModels(definition.models, models)
  return {
    planned: {
      agent: { name, version },
      prompt: promptOf(definition),
      ...chains,
      ...resolveRouting(definition, models),
      degradedAnswer: definition.degradedAnswer ?? DEFAULT_DEGRADED_ANSWER,
      ...(whenNoModel !== undefined && { whenNoModel }),
      ...(cache !== undefined && { cache: planCache(cache) }),
      tools: (definition.tools ?? []).map(planTool),
      ...(window !== undefined && { window: resolveWindow(window, chains, models) }),
      ...(output !== undefined && { output: answerSchemaOf(output).jsonSchema }),
    },
    limits: { ...DEFAULT_LIMITS, ...withoutUndefined(definition.limits ?? {}) },
    budget: {
      ...DEFAULT_BUDGET,
      ...withoutUndefined(budget),
      limits: withoutUndefined(budget.limits ?? DEFAULT_BUDGET.limits),
    },
    startable: definition.startable ?? true,
  }
}

/** Instructions that are written in the agent itself are a prompt of the agent's name and version. */
export function promptOf({
  name,
  version,
  instructions,
}: Pick<AnyAgent['definition'], 'name' | 'version' | 'instructions'>): PlannedAgent['prompt'] {
  const reference = isPromptFile(instructions) ? readReference(instructions.reference) : null
  return reference ?? { name, version }
}

/** Without members that are undefined, which would hide a default. */
function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
