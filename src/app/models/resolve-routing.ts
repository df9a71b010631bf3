import type { PlannedRoute, PlannedRule } from '../../contracts/models/routing.ts'
import type { PlannedAgent } from '../../contracts/runs/plan.ts'
import { CLASSIFIER } from '../../policies/models/routing.ts'
import type { AnyAgent } from '../define/agent-definition.ts'
import type { ModelChoice, ModelsDefinition } from '../define/model-definition.ts'
import type { ClassifierDefinition, RoutingRule } from '../define/routing-definition.ts'
import { providersOf } from './providers.ts'
import { planModel, resolveModels, toRow } from './resolve-models.ts'

/** An agent's rules as its plan pins them, with a route for each choice of models. The application has been checked. */
export function resolveRouting(
  { routing: rules, escalate }: Pick<AnyAgent['definition'], 'routing' | 'escalate'>,
  models: ModelsDefinition,
): Pick<PlannedAgent, 'routes' | 'routing' | 'escalation'> {
  if (rules === undefined && escalate === undefined) return {}
  const routes: PlannedRoute[] = []
  const routeTo = (choice: ModelChoice) => routes.push(resolveModels(choice, models)) - 1
  const routing = rules?.map((rule, index): PlannedRule => {
    const common = { name: ruleName(rule, index), ...(rule.when !== undefined && { when: rule.when }) }
    return rule.classifier === undefined
      ? { ...common, route: routeTo(rule.models) }
      : { ...common, classifier: planClassifier(rule.classifier, routeTo) }
  })
  // The escalation's route is the last one: a step goes on to hops of higher numbers.
  const escalation = escalate && { route: routeTo(escalate.to), on: escalate.on }
  return { routes, ...(routing && { routing }), ...(escalation && { escalation }) }

  function planClassifier({ model, question, labels }: ClassifierDefinition, to: typeof routeTo) {
    return {
      model: planModel(toRow(model), CLASSIFIER.maxOutputTokens, providersOf(models)),
      question,
      labels: Object.fromEntries(Object.entries(labels).map(([label, choice]) => [label, to(choice)])),
    }
  }
}

export function ruleName({ name }: RoutingRule, index: number): string {
  return name ?? `rule-${index + 1}`
}
