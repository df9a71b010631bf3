import type { ApprovalDecision } from '../../../../src/contracts/approvals/approval.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Submission } from '../../../../src/workflows/state/admission-queue.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { REQUESTER } from '../people.ts'
import { mayDecide, observeDecision } from './approvals.ts'
import { observeTightened } from './calls.ts'
import { type Ledger, must } from './ledger.ts'
import { limitsAfter, observeChange } from './limits.ts'

/** What a run must have room for. */
const ROOM = 200

/*
 * The reference that a run is compared with: what comes is taken strictly one after the other, in the order in which it came,
 * whatever kind it is, and the first valid decision wins.
 */

export function observeSubmitted(
  ledger: Ledger,
  plan: RunPlan,
  before: RunState,
  { submission, problem }: Extract<Occurrence, { type: 'submitted' }>,
  after: RunState,
): void {
  // The store has a message from then on, whatever the run makes of the signal.
  if (submission.type === 'message' && !ledger.messages.has(submission.id))
    ledger.messages.set(submission.id, 'waiting')
  if (before.ending !== null && submission.type !== 'tightening') {
    if (!isRepeated(ledger, submission, problem)) refuse(ledger, submission)
    return
  }
  const dropped = after.queue.dropped - before.queue.dropped
  if (isRepeated(ledger, submission, problem)) {
    must(dropped === 0, 'what is repeated is not dropped a second time')
    return
  }
  if (dropped > 0) {
    ledger.dropped += dropped
    must(
      ledger.arrivals.length >= ROOM || isAboutNothing(plan, submission),
      'nothing is dropped that there is room for',
    )
    return
  }
  // Too late to be counted.
  if (ledger.closed > 0 && isAboutNothing(plan, submission)) return
  must(ledger.arrivals.length < ROOM, 'no more waits than there is room for')
  ledger.arrivals.push(submission)
  if (before.ending === null) takeUnsigned(ledger)
  else observeEndOfQueue(ledger, after)
}

export function observeAdmit(
  { arrivals }: Ledger,
  { submission }: Extract<Command, { type: 'admit' }>,
): void {
  const [first] = arrivals
  must(
    first !== undefined && 'key' in first && first.key === submission.key,
    'what came first is looked at first',
  )
}

export function observeAdmission(
  ledger: Ledger,
  plan: RunPlan,
  before: RunState,
  { problem, found }: Extract<Occurrence, { type: 'admission' }>,
  nowMs: number,
): void {
  const head = ledger.arrivals.shift()
  must(head !== undefined && 'key' in head, 'what is admitted has come')
  const isVoid = ledger.forged.has(head.key) || ledger.unusable.has(head.key)
  ledger.admissions.set(head.key, problem)
  if (problem === null) {
    must(!isVoid, 'what nobody signed, or does not fit, never counts')
    must(before.ending === null, 'nothing counts once the end is decided')
    if (ledger.models.wait !== null) ledger.models.takenIn += 1
    if (head.type === 'decision') observeDecision(ledger, plan, head.decision, nowMs, found)
    else observeChange(ledger, head.change)
  } else {
    const isValid =
      head.type === 'decision'
        ? isValidDecision(ledger, head.decision, nowMs)
        : limitsAfter(ledger.budget.limits, head.change) !== null
    must(isVoid || before.ending !== null || !isValid, 'the first valid decision wins')
    if (head.type === 'decision') ledger.refusals += 1
  }
  if (before.ending === null) takeUnsigned(ledger)
  else endQueue(ledger)
}

export function observeRefusals(
  ledger: Ledger,
  { refusals, dropped }: Extract<Command, { type: 'record_refusals' }>['input'],
): void {
  ledger.recordedRefusals += refusals.length
  must(dropped === ledger.dropped, 'the record says how much was dropped')
}

/** What still waits when the end is decided counts for nothing, but for stricter rules. It goes once nothing of it is being looked at. */
export function observeEndOfQueue(ledger: Ledger, { queue }: RunState): void {
  if (!queue.admitting) endQueue(ledger)
}

function endQueue(ledger: Ledger): void {
  for (const submission of ledger.arrivals.splice(0)) {
    if (submission.type === 'tightening') observeTightened(ledger, submission.rule)
    else refuse(ledger, submission)
  }
}

function refuse(ledger: Ledger, submission: Submission): void {
  if ('key' in submission) ledger.admissions.set(submission.key, 'run_ended')
  if (submission.type === 'decision') ledger.refusals += 1
}

/** What was refused because the run had ended may be sent again once it goes on. */
export function forgetEnd({ admissions }: Ledger): void {
  for (const [key, problem] of admissions) if (problem === 'run_ended') admissions.delete(key)
}

export function observeQueue({ arrivals, tightened }: Ledger, { queue, tightened: inForce }: RunState): void {
  must(queue.waiting.length === arrivals.length, 'what waits is what has come and was not taken')
  must(inForce.length === tightened.length, 'a rule is in force from when its turn has come')
}

export function verdictOnQueue(ledger: Ledger, { queue }: RunState): void {
  must(queue.waiting.length === 0, 'nothing waits when the run is over')
  must(ledger.recordedRefusals === ledger.refusals, 'every refusal is on the record')
  must(queue.droppedRecorded === ledger.dropped, 'the record says how much was dropped')
  must(queue.dropped === ledger.dropped, 'nothing is counted that the record does not say')
}

function takeUnsigned(ledger: Ledger): void {
  for (let [head] = ledger.arrivals; head !== undefined && !('key' in head); [head] = ledger.arrivals) {
    ledger.arrivals.shift()
    if (head.type === 'message') ledger.knownMessages.add(head.id)
    else observeTightened(ledger, head.rule)
  }
}

function isRepeated(
  { arrivals, knownMessages, tightened, admissions }: Ledger,
  submission: Submission,
  problem: ErrorCode | null,
): boolean {
  if (arrivals.some((one) => isSame(one, submission))) return true
  if (submission.type === 'message') return knownMessages.has(submission.id)
  if (submission.type === 'tightening') {
    const { tool, verdict } = submission.rule
    return tightened.some(
      (rule) => rule.tool === tool && (rule.verdict === verdict || rule.verdict === 'deny'),
    )
  }
  const answer = admissions.get(submission.key)
  if (answer === undefined) return false
  const isLasting = answer === null || answer === 'decision_unsigned' || answer === 'edited_arguments_invalid'
  return isLasting || problem !== null
}

function isSame(one: Submission, other: Submission): boolean {
  if ('key' in one || 'key' in other) return 'key' in one && 'key' in other && one.key === other.key
  return JSON.stringify(one) === JSON.stringify(other)
}

function isAboutNothing(
  { tools, specialists = {}, subAgents = {} }: RunPlan,
  submission: Submission,
): boolean {
  if (submission.type !== 'tightening' || submission.rule.tool === '*') return false
  const team = [
    tools,
    ...[...Object.values(specialists), ...Object.values(subAgents)].map((one) => one.tools),
  ]
  return !team.flat().some(({ name }) => name === submission.rule.tool)
}

/** Whether nothing at all is against it. Of an edit only the run can tell. */
function isValidDecision({ approvals, calls }: Ledger, said: ApprovalDecision, nowMs: number): boolean {
  const approval = approvals.get(said.approvalId)
  if (approval === undefined || said.decision === 'edit') return false
  const { terms, call } = approval
  return (
    calls.get(call.index) === call &&
    [...approvals.values()].findLast((one) => one.call === call) === approval &&
    approval.outcome === null &&
    call.verdict !== 'deny' &&
    nowMs < approval.askedAtMs + terms.timeoutMs &&
    approval.decisionSha256 === said.argumentsSha256 &&
    terms.decisions.includes(said.decision) &&
    !(terms.excludeRequester && said.by === REQUESTER) &&
    // Nobody whom time has brought in is counted on: when that was, only the run can tell.
    mayDecide({ ...approval, terms: { ...terms, escalation: [] } }, approval.named, said, nowMs) &&
    !approval.votes.has(said.by)
  )
}
