import type { CallModelInput } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { observeAskedAgain } from './answers.ts'
import { keepsBack, type Ledger, must, wayOf } from './ledger.ts'
import { observeHopInWait } from './models.ts'
import { hopsFor, isIn } from './routes.ts'
import { currentAgent, handOn } from './team.ts'
import { mayBegin } from './waits.ts'

type Hop = Omit<CallModelInput, 'run'>

/** A hop is asked for: by the agent that has the run, at its place, and as far as the budget lets it. */
export function observeHop(ledger: Ledger, plan: RunPlan, input: Hop, nowMs: number): void {
  const { budget } = ledger
  for (const call of ledger.calls.values()) {
    must(call.answered, 'the model is not asked again before every call has its result')
  }
  handOn(ledger, plan)
  const inbox = input.inbox ?? []
  observeAskedAgain(ledger, input.hop, inbox)
  must(input.step === ledger.answers + 1, 'no step is left out or taken twice')
  must(input.seq === ledger.nextSeq + inbox.length, 'the transcript has no gap')
  const isNew = inbox.every((id) => ledger.messages.get(id) === 'waiting')
  must(isNew && new Set(inbox).size === inbox.length, 'a message is shown once')
  mayBegin(ledger, true)
  observeCurrentAgent(ledger, plan, input)
  observeHopInWait(ledger, hopsFor(ledger, currentAgent(ledger, plan)), input, nowMs)
  observeCounts(ledger, plan, input)
  observeWay(ledger, plan, input)
  budget.nextIs = null
  budget.met ||= input.wrapUp === true
  budget.lastCallInFlight = input.wrapUp === true
  budget.asked.set('hop', budget.limits)
}

function observeCurrentAgent(ledger: Ledger, plan: RunPlan, input: Hop): void {
  const current = currentAgent(ledger, plan)
  const { agent, routing } = current
  must(input.agent === agent.name, 'the agent that has the run is asked')
  const isJudged = routing === undefined || ledger.routes.has(agent.name)
  must(
    isJudged || ledger.budget.met || input.wrapUp === true,
    'rules about models are judged before the first call',
  )
  const { usual, cheaper } = hopsFor(ledger, current)
  must(isIn(usual, input.hop) || isIn(cheaper, input.hop), 'a hop is a model of the chain that was chosen')
  const { prompt, model, tools } = input
  must(!prompt && !model && !tools, 'what the plan says of a call is looked up where it is made')
}

/** Limits that the run holds by itself. */
function observeCounts(
  { budget, leastActiveMs, moreSteps }: Ledger,
  plan: RunPlan,
  { step, wrapUp }: Hop,
): void {
  const { maxSteps, maxActiveMs } = budget.limits
  const most = maxSteps === undefined ? plan.limits.maxSteps + moreSteps : Number.POSITIVE_INFINITY
  must(step <= most, 'a run takes no more steps than its limit')
  const kept = keepsBack(plan) && !wrapUp ? 1 : 0
  must(maxSteps === undefined || step <= maxSteps - kept, 'a run takes no more steps than its budget allows')
  must(maxActiveMs === undefined || leastActiveMs < maxActiveMs, 'its own time is looked at before each hop')
}

/** The cheaper chain, and the last call, come when the budget wants them and not before. */
function observeWay(ledger: Ledger, plan: RunPlan, { step, hop, wrapUp }: Hop): void {
  const { budget } = ledger
  const { onReached } = wayOf(plan)
  must(!budget.lastCallAnswered, 'there is one last call')
  const isCheaper = isIn(hopsFor(ledger, currentAgent(ledger, plan)).cheaper, hop)
  must(
    !isCheaper || (onReached === 'degrade' && (budget.met || budget.changedInStep === step)),
    'the cheaper chain is only for a budget that wants it',
  )
  must(!wrapUp || (keepsBack(plan) && isMet(ledger, plan, step)), 'the last call comes when a limit is met')
  must(budget.nextIs !== 'cheaper' || isCheaper || wrapUp === true, 'a budget that wants it cheaper gets it')
  must(budget.nextIs !== 'last' || wrapUp === true, 'a budget that wants to finish has a last call')
}

function isMet({ budget, mostActiveMs }: Ledger, plan: RunPlan, step: number): boolean {
  const { maxSteps, maxActiveMs } = budget.limits
  return (
    budget.met ||
    (maxSteps !== undefined && step > maxSteps - 1) ||
    (maxActiveMs !== undefined && mostActiveMs >= Math.floor(maxActiveMs * wayOf(plan).softRatio))
  )
}
