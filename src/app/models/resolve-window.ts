import type { PlannedWindow } from '../../contracts/models/context.ts'
import type { PlannedAgent } from '../../contracts/runs/plan.ts'
import { DEFAULT_WINDOW_STRATEGY } from '../../policies/agent-defaults.ts'
import type { AgentWindow } from '../define/agent-definition.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'
import { resolveModels } from './resolve-models.ts'

/** An agent's window, as its plan pins it. Summaries are written by the named model, or by the cheapest that the agent has. */
export function resolveWindow(
  { maxTokens, strategy = DEFAULT_WINDOW_STRATEGY, summaryModel }: AgentWindow,
  { chain, cheaperChain = [] }: Pick<PlannedAgent, 'chain' | 'cheaperChain'>,
  models: ModelsDefinition,
): PlannedWindow {
  if (strategy === 'sliding') return { maxTokens, strategy }
  const named = summaryModel === undefined ? [] : resolveModels([summaryModel], models).chain
  const [writer] = [...named, ...cheaperChain, ...chain]
  return { maxTokens, strategy, ...(writer !== undefined && { summaryModel: writer }) }
}
