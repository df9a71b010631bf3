import type { PlannedClassifier } from '../../../../src/contracts/models/routing.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { Random } from '../random.ts'
import { bookAttempt, RUN } from './hop.ts'
import type { InFlight } from './in-flight.ts'
import { settle, spentOf } from './store-totals.ts'
import type { World } from './world.ts'

type ChooseRoute = Extract<Command, { type: 'choose_route' }>

const CLASSIFIER = 'classifier'

/**
 * An agent's rules are judged: none holds, one does, or a classifier sorts, whose call is booked as any.
 *
 * @param onBooked hears of the classifier's attempt before its provider is asked
 */
export function advanceRoute(
  { world, plan, routes }: { readonly world: World; readonly plan: RunPlan; readonly routes: Random },
  { stopped }: InFlight,
  { input }: ChooseRoute,
  nowMs: number,
  onBooked: () => void,
): Occurrence {
  if (stopped && routes.chance(0.7)) return { type: 'model_stopped' }
  const agents = [plan, ...Object.values(plan.specialists ?? {})]
  const agent = agents.find((one) => one.agent.name === input.agent)
  const spent = () => input.budget !== undefined && { spent: spentOf(world.books) }
  if (input.cause !== undefined) {
    // Now and then it could not be recorded.
    const route = routes.chance(0.1) ? null : (agent?.escalation?.route ?? null)
    return { type: 'route_chosen', choice: { route, rule: 'escalation', cause: input.cause, ...spent() } }
  }
  const anyRoute = () => routes.below(Object.keys(labelsOf(agent)).length)
  const kind = routes.below(4)
  if (kind === 0) return { type: 'route_chosen', choice: { route: null, rule: null, ...spent() } }
  if (kind === 1) return { type: 'route_chosen', choice: { route: anyRoute(), rule: 'declared', ...spent() } }

  const model = {
    provider: 'openai',
    wire: 'openai-responses',
    model: 'cheap-sorter',
    maxOutputTokens: 20,
  } as const
  const booked = bookAttempt(routes, world, CLASSIFIER, { run: RUN, budget: input.budget, model }, nowMs)
  const sorted = { model: model.model }
  if (booked === 'price_unknown' || 'scope' in booked) {
    return {
      type: 'route_chosen',
      choice: { route: null, rule: 'sorted', classifier: { ...sorted, problem: 'cost' }, ...spent() },
    }
  }
  onBooked()
  if (stopped || world.modelsAway || routes.chance(0.2)) {
    settle(world.books, CLASSIFIER, null)
    if (stopped) return { type: 'model_stopped' }
    const classifier = { ...sorted, problem: 'model_timed_out' as const }
    return { type: 'route_chosen', choice: { route: null, rule: 'sorted', classifier, ...spent() } }
  }
  const inputTokens = routes.below(booked.inputTokens + 1)
  const outputTokens = routes.below(booked.capTokens + 1)
  const costMicroUsd = inputTokens + outputTokens
  settle(world.books, CLASSIFIER, { costMicroUsd, tokens: inputTokens + outputTokens, modelCalls: 1 })
  const usage = { inputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens, reasoningTokens: 0 }
  const route = routes.chance(0.2) ? null : anyRoute()
  const label = route === null ? { problem: 'no_label' as const } : { label: `label${route}` }
  const classifier = { ...sorted, ...label, usage, costMicroUsd }
  return { type: 'route_chosen', choice: { route, rule: 'sorted', classifier, ...spent() } }
}

function labelsOf(agent: PlannedAgent | undefined): PlannedClassifier['labels'] {
  const rule = agent?.routing?.find((one) => 'classifier' in one)
  return rule !== undefined && 'classifier' in rule ? rule.classifier.labels : {}
}
