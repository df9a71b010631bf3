import type { ApprovalDecision } from '../../../../src/contracts/approvals/approval.ts'
import type { BudgetChange, BudgetLimits } from '../../../../src/contracts/budgets/budget.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { FoundOfCall } from '../../../../src/contracts/tools/look-up.ts'
import type { SignedSubmission, Submission } from '../../../../src/workflows/state/admission-queue.ts'
import { checkBudgetChange } from '../../../../src/workflows/state/budgets/check-budget-change.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { PEOPLE, REQUESTER } from '../people.ts'
import { randomLimits } from '../plans/random-budget.ts'
import type { Random } from '../random.ts'
import type { Reducer } from '../reducer.ts'
import { lookUpEdit } from './look-up.ts'
import type { World } from './world.ts'

/** What people and clocks do, wanted or not. Null where the run hears nothing of it. */
export function outsider(
  random: Random,
  plan: RunPlan,
  state: RunState,
  ledger: Ledger,
  world: World,
  reducer: Reducer,
): Occurrence | null {
  const occurrence = unqueued(random, plan, state, ledger, world, reducer)
  if (!world.isQueued || occurrence === null) return occurrence
  // Too large to be looked at, whatever it wants.
  if (submissionOf(occurrence) !== null && random.chance(0.01)) return { type: 'dropped' }
  const submission = toSubmission(random, world, ledger, occurrence)
  return submission === null ? occurrence : submittedNow(plan, state, submission, reducer)
}

/** As the workflow's handlers bring it: with what is against it at sight. */
export function submittedNow(
  plan: RunPlan,
  state: RunState,
  submission: Submission,
  reducer: Reducer,
): Occurrence {
  const problem = 'key' in submission ? problemOf(plan, state, submission, reducer) : null
  return { type: 'submitted', submission, problem }
}

export function problemOf(
  plan: RunPlan,
  state: RunState,
  submission: SignedSubmission,
  reducer: Reducer,
  found?: FoundOfCall,
): ErrorCode | null {
  return submission.type === 'decision'
    ? reducer.checkDecision(plan, { principal: REQUESTER }, state, submission.decision, found)
    : checkBudgetChange(plan, {}, state, submission.change)
}

/** null for what no queue keeps. Now and then it is something that was sent before. */
function toSubmission(
  random: Random,
  world: World,
  ledger: Ledger,
  occurrence: Occurrence,
): Submission | null {
  const submission = submissionOf(occurrence)
  if (submission === null) return null
  if (world.sent.length > 0 && random.chance(0.15)) return random.pick(world.sent)
  if ('key' in submission) {
    if (random.chance(0.1)) ledger.forged.add(submission.key)
    else if (submission.type === 'decision' && submission.decision.decision === 'edit' && random.chance(0.2))
      ledger.unusable.add(submission.key)
  }
  world.sent.push(submission)
  return submission
}

/** The store has accepted a message when the run has no workflow that a signal could reach. */
export function addWithoutSignal(random: Random, { messages }: Ledger): void {
  const id = `msg_${random.below(8)}`
  if (!messages.has(id)) messages.set(id, 'waiting')
}

function submissionOf(occurrence: Occurrence): Submission | null {
  switch (occurrence.type) {
    case 'message_added':
      return { type: 'message', id: occurrence.id }
    case 'policy_tightened':
      return { type: 'tightening', rule: occurrence.rule }
    case 'approval_decided':
      return { type: 'decision', key: JSON.stringify(occurrence.decision), decision: occurrence.decision }
    case 'budget_changed':
      return { type: 'budget_change', key: JSON.stringify(occurrence.change), change: occurrence.change }
    default:
      return null
  }
}

function unqueued(
  random: Random,
  plan: RunPlan,
  state: RunState,
  ledger: Ledger,
  world: World,
  reducer: Reducer,
): Occurrence | null {
  const kind = random.below(27)
  if (kind === 0) return random.chance(0.7) ? { type: 'cancel_requested' } : null
  if (kind < 4) return { type: 'hand_over_suggested' }
  if (kind < 7) return { type: 'message_added', id: `msg_${random.below(8)}` }
  if (kind === 7) return { type: 'alarm' }
  if (kind === 8 && random.chance(0.2)) {
    const tool = random.chance(0.05) ? 'nobodys' : random.pick(['*', ...plan.tools.map(({ name }) => name)])
    return { type: 'policy_tightened', rule: { tool, verdict: random.pick(['ask', 'deny']) } }
  }
  if (kind < 12) return { type: 'budget_changed', change: randomChange(random, world, ledger.budget.limits) }
  if (kind === 12 && random.chance(0.6)) return flipSwitch(random, world)
  if (kind === 13) {
    for (const shared of world.shared) shared.allowed += random.below(500)
    return { type: 'look_again' }
  }
  if (kind === 14) {
    world.modelsAway = !world.modelsAway && random.chance(0.3)
    // Some hear of it that wait for other models.
    return random.chance(world.modelsAway ? 0.1 : 0.7) ? { type: 'models_back' } : null
  }
  return decision(random, plan, state, ledger, world, reducer)
}

/** Thrown or taken back for all; whether the run hears of it is another question. */
function flipSwitch(random: Random, world: World): Occurrence | null {
  const scope = random.pick(['tenant', 'agent'] as const)
  const on = !world.off.has(scope)
  if (on) world.off.add(scope)
  else world.off.delete(scope)
  return random.chance(0.6) ? { type: 'kill_switch', scope, on } : null
}

const NONSENSE: readonly Omit<BudgetChange, 'by'>[] = [
  {},
  { limits: {} },
  { limits: { maxTokens: 0 } },
  { limits: { maxCostMicroUsd: -5 } },
  { limits: { maxSteps: 1.5 } },
  { limits: { maxToolCalls: Number.NaN } },
  { add: { maxCostMicroUsd: -200 } },
  { add: { maxModelCalls: 0 } },
  { limits: { maxSpells: 3 } as BudgetLimits },
  { limits: { maxSteps: 50 }, add: { maxLuck: 1 } as BudgetLimits },
]

function randomChange(random: Random, world: World, current: BudgetLimits): BudgetChange {
  const by = 'bob'
  if (random.chance(0.15)) return { ...random.pick(NONSENSE), by }
  world.changes += 1
  const id = random.chance(0.3) ? {} : { id: `chg_${random.chance(0.2) ? 1 : world.changes}` }
  if (random.chance(0.3)) return { ...id, limits: randomLimits(random), by }
  const add = Object.fromEntries(
    (Object.entries(current) as [keyof BudgetLimits, number][]).map(([name, now]) => [
      name,
      1 + random.below(now),
    ]),
  )
  const stray = random.chance(0.05) && { maxSteps: 2 }
  return { ...id, add: { ...stray, ...add }, by }
}

function decision(
  random: Random,
  plan: RunPlan,
  state: RunState,
  ledger: Ledger,
  world: World,
  reducer: Reducer,
): Occurrence | null {
  const approvals = [...ledger.approvals.values()]
  if (approvals.length === 0) return null
  const approval = random.pick(approvals)
  const by = random.pick(Object.keys(PEOPLE))
  const amount = random.below(120)
  const decision: ApprovalDecision = {
    approvalId: random.chance(0.05) ? 'apr_unknown' : approval.id,
    decision: random.pick(['approve', 'approve', 'approve', 'reject', 'edit', 'respond']),
    argumentsSha256: random.chance(0.1) ? 'of-other-arguments' : approval.decisionSha256,
    by,
    groups: PEOPLE[by] ?? [],
    message: 'as I say',
    arguments: { amount, to: 'a@ours' },
    editedSha256: `sha-of-${amount}`,
  }
  // The handlers of a run without a queue ask this first, and drop what does not fit.
  if (world.isQueued) return { type: 'approval_decided', decision }
  const looked = decision.decision === 'edit' ? lookUpEdit(plan, world, state, decision) : null
  if (looked === 'failed') return null
  const found = looked ?? undefined
  if (reducer.checkDecision(plan, { principal: REQUESTER }, state, decision, found) !== null) return null
  return { type: 'approval_decided', decision, ...(found && { found }) }
}
