import { hopsOf, usualHops } from '../../../contracts/models/chains.ts'
import {
  type ChooseRouteInput,
  type ChosenRoute,
  ESCALATION_RULE,
  type RouteChoice,
} from '../../../contracts/models/routing.ts'
import type { PlannedAgent } from '../../../contracts/runs/plan.ts'
import { offeredTools, teamOf } from '../../../contracts/runs/read-plan.ts'
import { CLASSIFIER } from '../../../policies/models/routing.ts'
import { storableText } from '../../../store/database/postgres-text.ts'
import { recordRoute } from '../../../store/models/record-route.ts'
import { findRouteFacts, type RouteFacts } from '../../../store/models/route-facts.ts'
import { settleAttempt } from '../../../store/models/settle-attempt.ts'
import { runFields, toFactRun } from '../../../telemetry/fact-run.ts'
import type { Dependencies } from '../../dependencies.ts'
import type { Held } from '../../runs/accepted-runs.ts'
import { Forged } from '../../runs/forged.ts'
import { type Stopwatch, startWatch } from '../../stopwatch.ts'
import { untilStored } from '../../until-stored.ts'
import { withHeartbeat } from '../../with-heartbeat.ts'
import { type Classification, createAskClassifier } from './ask-classifier.ts'
import { firstRuleThatHolds } from './judge-rules.ts'

/** The agent that gets a route, and since when one is looked for. */
interface Choosing {
  readonly input: ChooseRouteInput
  readonly agent: PlannedAgent
  readonly watch: Stopwatch
}

/**
 * Judges an agent's rules about its models, by what the run is when the agent gets it; or gives the agent its stronger models, since an
 * answer can't be used. The choice is stored with its event, so an attempt
 * that finds one returns it: no rule is judged twice, and no classifier is asked twice.
 *
 * @throws Forged where the accepted plan has no such agent, or no rules for it
 */
export function createChooseRoute(deps: Dependencies): Held<'chooseRoute'>['chooseRoute'] {
  const { database, logger, telemetry } = deps
  const askClassifier = createAskClassifier(deps)

  return (input, { plan }) => {
    const agent = plan === null ? undefined : teamOf(plan).find((one) => one.agent.name === input.agent)
    if (agent === undefined || !isPlanned(agent, input)) throw new Forged('other_plan')
    const inbox = input.inbox?.map(storableText)
    const tools = offeredTools(plan ?? {}, agent)
    return withHeartbeat(() => choose({ ...input, ...(inbox && { inbox }) }, agent, tools.length))
  }

  async function choose(input: ChooseRouteInput, agent: PlannedAgent, tools: number): Promise<ChosenRoute> {
    const { escalation, routing: rules = [] } = agent
    const { cause } = input
    const watch = startWatch()
    const facts = await findFacts(input)
    if (facts.stored !== null && (cause === undefined || facts.stored.cause !== undefined))
      return facts.stored
    if (cause !== undefined && escalation !== undefined) {
      return store({ input, agent, watch }, { route: escalation.route, rule: ESCALATION_RULE, cause })
    }
    const { tenant, groups = [] } = input.run
    const rule = firstRuleThatHolds(rules, { ...facts, tenant, groups, tools })
    if (rule === null) return store({ input, agent, watch }, { route: null, rule: null })
    const { name } = rule
    if ('route' in rule) return store({ input, agent, watch }, { route: rule.route, rule: name })
    const { classifier } = rule
    const hop = hopsOf(agent).length + rules.indexOf(rule)
    const { call, settle, tell } = await askClassifier({ input, hop, classifier, text: facts.lastInput })
    const route = call.label === undefined ? null : (classifier.labels[call.label] ?? null)
    return store({ input, agent, watch }, { route, rule: name, classifier: call }, { settle, tell })
  }

  function findFacts({ run, agent, seq, inbox = [] }: ChooseRouteInput): Promise<RouteFacts> {
    return findRouteFacts(database, { run, agent, seq, inbox, characters: CLASSIFIER.inputCharacters })
  }

  /** Settles the classifier's attempt and stores the choice, together: an answer that is paid for is one that counts. */
  async function store(
    { input, agent, watch }: Choosing,
    choice: RouteChoice,
    { settle, tell }: Pick<Classification, 'settle' | 'tell'> = { settle: null, tell: null },
  ): Promise<ChosenRoute> {
    const { run, step, budget } = input
    const { first, end } = usualHops(agent, choice.route)
    const models = hopsOf(agent)
      .slice(first, end)
      .map(({ model }) => model)
    const took = watch.read()
    const record = { run, step, agent: agent.agent.name, choice, models }
    const { recorded, spent } = await untilStored(() =>
      settle === null
        ? recordRoute(database, record)
        : database.transaction(async (tx) => {
            await settleAttempt(tx, settle)
            return recordRoute(tx, record)
          }),
    )
    tell?.()
    logger.debug({ ...runFields(run), step, agent: record.agent, ...choice, models }, 'models of the choice')
    if (recorded) {
      const about = { run: toFactRun(run), agent: record.agent, step, ...took }
      telemetry.record({ type: 'model.routed', ...about, rule: choice.rule, model: models[0] ?? '' })
    }
    // Another attempt of this activity was faster, or the run has ended.
    const stands = recorded ? choice : ((await findFacts(input)).stored ?? choice)
    return { ...stands, ...(budget !== undefined && { spent }) }
  }
}

function isPlanned({ routing, escalation }: PlannedAgent, { cause }: ChooseRouteInput): boolean {
  return cause === undefined ? routing !== undefined : escalation?.on.includes(cause) === true
}
