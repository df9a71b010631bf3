import {
  type BudgetLimits,
  ON_REACHED,
  ON_UNKNOWN_PRICE,
  type RunBudget,
} from '../../contracts/budgets/budget.ts'
import { MOST_NAME_CHARACTERS } from '../../policies/agent-defaults.ts'
import type { AgentBudget, AnyAgent } from '../define/agent-definition.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'
import { checkCache } from './check-cache.ts'
import { checkChoice } from './check-models.ts'
import { checkOutput } from './check-output.ts'
import { checkEscalation, checkRouting } from './check-routing.ts'
import { checkFields, checkName, checkOneOf, checkPositive, isPositive, isText } from './values.ts'

const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const LIMITS = ['maxSteps', 'deadlineMs'] as const
const BUDGET_TIMES = ['floorOutputTokens', 'pauseMs', 'lookAgainMs'] as const
const BUDGET = [
  'limits',
  'softRatio',
  'onReached',
  'onUnknownPrice',
  ...BUDGET_TIMES,
] as const satisfies (keyof RunBudget)[]
const BUDGET_LIMITS = [
  'maxCostMicroUsd',
  'maxTokens',
  'maxModelCalls',
  'maxToolCalls',
  'maxSteps',
  'maxActiveMs',
] as const satisfies readonly (keyof BudgetLimits)[]

/** Yields the problems of one agent by itself. `checkInstructions` and `checkTools` look at the rest of it. */
export function* checkAgent(where: string, agent: AnyAgent, models: ModelsDefinition): Generator<string> {
  const { definition, unknownFields } = agent
  const { name, version, purpose, degradedAnswer, whenNoModel, limits, budget, startable } = definition
  for (const field of unknownFields) {
    yield `${where}: an agent has no field "${field}". See what defineAgent takes.`
  }
  yield* checkName(where, name, MOST_NAME_CHARACTERS)
  if (typeof version !== 'string' || version === '') {
    yield `${where}: version is missing. Say one, such as "v1", and another with every change of how the agent behaves.`
  } else if (!VERSION.test(version)) {
    yield `${where}: version ${JSON.stringify(version)} is not one. Use up to 64 letters, digits, dots, dashes and underscores, such as "v1".`
  }
  if (purpose !== undefined && !isText(purpose)) {
    yield `${where}: purpose is empty. Say in a sentence what the agent is for, or drop it.`
  }
  if (degradedAnswer !== undefined && !isText(degradedAnswer)) {
    yield `${where}: degradedAnswer is empty. Say what the caller reads when no model answers, or drop it.`
  }
  if (whenNoModel !== undefined && whenNoModel !== 'answer' && !isPositive(whenNoModel?.waitMs)) {
    yield `${where}: whenNoModel is ${JSON.stringify(whenNoModel)}. Say "answer", or { waitMs } with a whole number above 0.`
  }
  if (startable !== undefined && typeof startable !== 'boolean') {
    yield `${where}: startable is ${JSON.stringify(startable)}. Say true or false.`
  }
  yield* checkCache(where, definition.cache)
  yield* checkFields(`${where}, limits`, limits, LIMITS)
  yield* checkPositive(`${where}: limits.`, limits, LIMITS)
  yield* checkBudget(where, budget)
  yield* checkChoice(where, definition.models, models)
  yield* checkRouting(where, definition.routing, models)
  yield* checkEscalation(where, definition.escalate, models)
  yield* checkOutput(where, agent)
}

function* checkBudget(where: string, budget: AgentBudget = {}): Generator<string> {
  yield* checkFields(`${where}, budget`, budget, BUDGET)
  yield* checkPositive(`${where}: budget.`, budget, BUDGET_TIMES)
  yield* checkFields(`${where}, budget.limits`, budget.limits, BUDGET_LIMITS)
  yield* checkPositive(`${where}: budget.limits.`, budget.limits, BUDGET_LIMITS)
  yield* checkOneOf(`${where}: budget.onReached`, budget.onReached, ON_REACHED)
  yield* checkOneOf(`${where}: budget.onUnknownPrice`, budget.onUnknownPrice, ON_UNKNOWN_PRICE)
  const { softRatio } = budget
  if (softRatio !== undefined && !(softRatio > 0 && softRatio <= 1)) {
    yield `${where}: budget.softRatio is ${String(softRatio)}. Give a share above 0 and at most 1.`
  }
}
