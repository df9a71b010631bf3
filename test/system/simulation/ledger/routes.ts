import type { ModelDecision } from '../../../../src/contracts/models/model-call.ts'
import type { ChosenRoute, EscalationCause } from '../../../../src/contracts/models/routing.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import { currentAgent, handOn } from './team.ts'

type Range = readonly [first: number, last: number]

/** The hops of the agent's usual chain and of its cheaper one, by the route that was chosen. */
export function hopsFor(ledger: Ledger, agent: PlannedAgent): { usual: Range; cheaper: Range | null } {
  const { chain, cheaperChain, routes = [] } = agent
  const route = ledger.routes.get(agent.agent.name) ?? null
  const usual = [chain, ...routes.map((one) => one.chain)]
  const cheaper = [cheaperChain, ...routes.map((one) => one.cheaperChain)]
  const numbered = new Map<unknown, Range>()
  let next = 0
  for (const models of [...usual, ...cheaper]) {
    if (models === undefined) continue
    numbered.set(models, [next, next + models.length - 1])
    next += models.length
  }
  const own = route === null ? undefined : routes[route]
  return {
    usual: numbered.get(own?.chain ?? chain) as Range,
    cheaper: numbered.get(own?.cheaperChain ?? cheaperChain) ?? null,
  }
}

export function isIn(range: Range | null, hop: number): boolean {
  return range !== null && hop >= range[0] && hop <= range[1]
}

export function lengthOf(range: Range | null): number {
  return range === null ? 0 : range[1] - range[0] + 1
}

/** Rules about an agent's models are judged: before its first call, and once in a run. */
export function observeChoosing(
  ledger: Ledger,
  plan: RunPlan,
  { step, seq, agent, inbox = [], cause }: Extract<Command, { type: 'choose_route' }>['input'],
): void {
  const { budget } = ledger
  for (const call of ledger.calls.values()) {
    must(call.answered, 'models are chosen when every call before has its result')
  }
  handOn(ledger, plan)
  const current = currentAgent(ledger, plan)
  must(agent === current.agent.name, 'models are chosen for the agent that has the run')
  if (cause === undefined) {
    must(current.routing !== undefined, 'only rules are judged that there are')
    must(!ledger.routes.has(agent), 'the rules of an agent are judged once in a run')
  } else observeEscalating(ledger, current, cause)
  must(
    step === ledger.answers + 1 && seq === ledger.nextSeq + inbox.length,
    'rules look at all that was said',
  )
  must(budget.switchedOn.size === 0, 'no rule is judged while a kill switch is on that the run knows of')
  must(
    budget.wait === null || budget.wait.look !== 'no',
    'no rule is judged while the run waits for its budget',
  )
  budget.asked.set('classifier', budget.limits)
}

function observeEscalating(
  ledger: Ledger,
  { agent, escalation }: PlannedAgent,
  cause: EscalationCause,
): void {
  must(escalation?.on.includes(cause) === true, 'stronger models are asked for what their agent says')
  must(
    ledger.routes.get(agent.name) !== escalation.route,
    'an agent comes to its stronger models once in a run',
  )
  must(ledger.failedCheck === cause, 'stronger models are asked when an answer cannot be used')
  ledger.escalating = true
  ledger.escalations += 1
}

export function observeChosen(
  ledger: Ledger,
  plan: RunPlan,
  { route, classifier }: ChosenRoute,
  after: RunState,
): void {
  const { agent, escalation } = currentAgent(ledger, plan)
  ledger.routes.set(agent.name, ledger.escalating && escalation ? escalation.route : route)
  // Stronger models have repairs of their own.
  if (ledger.escalating) ledger.faults.misfits = 0
  ledger.escalating = false
  ledger.chosenRoutes += 1
  must(after.turn.stage === 'idle', 'the first call follows the choice of its model')
  const { usage, costMicroUsd = null } = classifier ?? {}
  if (usage === undefined) return
  const { inputTokens, outputTokens } = usage
  const { usage: total } = ledger
  ledger.usage = {
    ...total,
    inputTokens: total.inputTokens + inputTokens,
    outputTokens: total.outputTokens + outputTokens,
    modelCalls: total.modelCalls + 1,
    costMicroUsd:
      total.costMicroUsd === null || costMicroUsd === null ? null : total.costMicroUsd + costMicroUsd,
  }
}

/** What is wrong with an answer, as far as stronger models may be asked over it. */
export function failedCheckOf({ fault, toolCalls, stop }: ModelDecision): EscalationCause | null {
  if (fault?.problem === 'output_invalid') return 'output_invalid'
  if (fault?.problem === 'cut_off' || fault?.problem === 'call_cut_off') return 'cut_off'
  if (stop === 'refusal') return 'refusal'
  const isWrong = toolCalls.length > 0 && toolCalls.every(({ problem }) => problem !== undefined)
  return isWrong ? 'wrong_calls' : null
}
