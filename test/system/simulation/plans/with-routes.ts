import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import {
  ESCALATION_CAUSES,
  type PlannedRoute,
  type PlannedRule,
} from '../../../../src/contracts/models/routing.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Random } from '../random.ts'

const MODEL: PlannedModel = { provider: 'openai', wire: 'openai-responses', model: 'm', maxOutputTokens: 100 }

/** The plan, now and then with agents that have rules about their models, stronger models, or hedges. What comes of them is the world's. */
export function withRoutes(random: Random, plan: RunPlan): RunPlan {
  if (random.chance(0.6)) return plan
  const { specialists } = plan
  return {
    ...routed(random, plan),
    ...(specialists !== undefined && {
      specialists: Object.fromEntries(
        Object.entries(specialists).map(([name, one]) => [name, routed(random, one)]),
      ),
    }),
  }
}

function routed<A extends PlannedAgent>(random: Random, agent: A): A {
  if (random.chance(0.3)) return { ...agent, chain: agent.chain.map(hedged) }
  const routes = Array.from({ length: random.below(4) }, (_, index) => randomRoute(random, index))
  const labels = Object.fromEntries(routes.map((_, index) => [`label${index}`, index]))
  const routing: PlannedRule[] = [
    { name: 'declared', when: { thread: 'new' }, route: 0 },
    { name: 'sorted', classifier: { model: { ...MODEL, model: 'cheap-sorter' }, question: '?', labels } },
  ]
  const rules = routes.length > 0 && { routing }
  if (routes.length > 0 && random.chance(0.5)) return { ...agent, routes, ...rules }
  const on = ESCALATION_CAUSES.filter(() => random.chance(0.7))
  const stronger = randomRoute(random, routes.length)
  return {
    ...agent,
    ...rules,
    routes: [...routes, stronger],
    escalation: { route: routes.length, on },
  }
}

function randomRoute(random: Random, index: number): PlannedRoute {
  const models = (kind: string) =>
    Array.from({ length: 1 + random.below(2) }, (_, hop) => ({ ...MODEL, model: `${kind}${index}-${hop}` }))
  return { chain: models('routed'), ...(random.chance(0.4) && { cheaperChain: models('cheap-routed') }) }
}

function hedged(model: PlannedModel): PlannedModel {
  return { ...model, hedge: { afterMs: 1 } }
}
