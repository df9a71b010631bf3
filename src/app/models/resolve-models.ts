import type { PlannedModel } from '../../contracts/models/model.ts'
import type { PlannedAgent } from '../../contracts/runs/plan.ts'
import { DEFAULT_MAX_OUTPUT_TOKENS, DEFAULT_TIER } from '../../policies/agent-defaults.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS } from '../../policies/models/models.ts'
import type {
  ModelChain,
  ModelChains,
  ModelChoice,
  ModelName,
  ModelRow,
  ModelsDefinition,
} from '../define/model-definition.ts'
import { readModelName } from './model-name.ts'
import { type KnownProvider, providersOf } from './providers.ts'

type Chains = Pick<PlannedAgent, 'chain' | 'cheaperChain'>

/** What an agent's `models` says, as its plan pins it. The application has been checked: every name is known. */
export function resolveModels(choice: ModelChoice | undefined, models: ModelsDefinition): Chains {
  if (choice === undefined) return tier(DEFAULT_TIER, models)
  if (typeof choice === 'string') return tier(choice, models)
  return chains(isChain(choice) ? { chain: choice } : choice, providersOf(models))
}

/** Names of the tiers that agents can use. */
export function tierNames({ tiers = {} }: ModelsDefinition): readonly string[] {
  return [...new Set([...Object.keys(MODEL_CHAINS), ...Object.keys(tiers)])]
}

export function isChain(choice: ModelChoice): choice is ModelChain {
  return Array.isArray(choice)
}

export function toRow(model: ModelName | ModelRow): ModelRow {
  return typeof model === 'string' ? { model } : model
}

function tier(name: string, models: ModelsDefinition): Chains {
  const own = models.tiers !== undefined && Object.hasOwn(models.tiers, name) ? models.tiers[name] : undefined
  if (own !== undefined) return chains(own, providersOf(models))
  if (name !== DEFAULT_TIER) throw new Error(`There is no tier ${name}`)
  return { chain: MODEL_CHAINS[name], cheaperChain: CHEAPER_CHAINS[name] }
}

function chains({ chain, cheaper }: ModelChains, providers: readonly KnownProvider[]): Chains {
  const plan = (links: ModelChain, defaultMaxOutputTokens: number) =>
    links.map((link) => planModel(toRow(link), defaultMaxOutputTokens, providers))
  return {
    chain: plan(chain, DEFAULT_MAX_OUTPUT_TOKENS.chain),
    ...(cheaper !== undefined && { cheaperChain: plan(cheaper, DEFAULT_MAX_OUTPUT_TOKENS.cheaper) }),
  }
}

/** @throws where no provider has the model, which the application's check has found before */
export function planModel(
  row: ModelRow,
  defaultMaxOutputTokens: number,
  providers: readonly KnownProvider[],
): PlannedModel {
  const name = readModelName(row.model)
  const provider = providers.find((one) => one.name === name?.provider)
  if (name === null || provider === undefined) throw new Error(`No provider has the model ${row.model}`)
  return {
    provider: provider.name,
    wire: row.wire ?? provider.wires[0],
    model: name.model,
    maxOutputTokens: row.maxOutputTokens ?? defaultMaxOutputTokens,
    ...(row.contextTokens !== undefined && { contextTokens: row.contextTokens }),
    ...(row.accepts !== undefined && { accepts: row.accepts }),
    ...(row.hedge !== undefined && { hedge: { afterMs: row.hedge.afterMs } }),
    ...(row.background === true && { background: true as const }),
  }
}
