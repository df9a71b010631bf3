import type { ModelDecision } from '../../src/contracts/activities.ts'
import type { ApprovalId } from '../../src/contracts/approval.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Verdict } from '../../src/contracts/tool.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import type { Occurrence } from '../../src/workflows/state/occurrence.ts'
import { isWaiting, type RunState } from '../../src/workflows/state/run-state.ts'

/*
 * The other side's books: what a run may do, worked out from the plan and from what was said, without the reducer's help.
 * Each rule has a name, and a mutation in mutations.test.ts that breaks it.
 */

interface LedgerCall {
  readonly key: string
  readonly seq: number
  readonly argumentsSha256: string
  readonly verdict: Verdict | 'problem'
  readonly mayRepeat: boolean
  /** An approval for a first run has been given and put on the record. */
  cleared: boolean
  runs: number
  clearedAgain: number
  finished: boolean
  answered: boolean
}

interface LedgerApproval {
  readonly id: ApprovalId
  readonly call: LedgerCall
  readonly cause: string
  readonly argumentsSha256: string
  outcome: 'approve' | 'reject' | 'expired' | null
  recorded: boolean
}

export interface Ledger {
  nextSeq: number
  readonly calls: Map<string, LedgerCall>
  readonly approvals: Map<string, LedgerApproval>
  readonly messages: Map<string, 'waiting' | 'shown'>
  /** Messages that the run heard of in time, without the store's help. */
  readonly told: Set<string>
  answers: number
  toolRuns: number
  waitedMs: number
  waitingSinceMs: number | null
  startedAtMs: number
  closed: number
}

export function newLedger(_plan: RunPlan, inputCount: number): Ledger {
  return {
    nextSeq: inputCount,
    calls: new Map(),
    approvals: new Map(),
    messages: new Map(),
    told: new Set(),
    answers: 0,
    toolRuns: 0,
    waitedMs: 0,
    waitingSinceMs: null,
    startedAtMs: 1_000,
    closed: 0,
  }
}

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`Invariant broken: ${rule}`)
}

/** Enters one occurrence and checks every rule that it touches. */
export function observe(
  ledger: Ledger,
  plan: RunPlan,
  before: RunState,
  occurrence: Occurrence,
  after: RunState,
  nowMs: number,
): void {
  must(before.phase !== 'closed', 'nothing happens to a closed run')
  must(after.step <= plan.limits.maxSteps, 'a run takes no more steps than its limit')
  const reopens = occurrence.type === 'run_closed' && occurrence.unread.length > 0
  must(
    before.ending === null || same(before.ending, after.ending) || reopens,
    'an end that is decided stands',
  )
  if (reopens) ledger.closed -= 1
  if (occurrence.type === 'issued') observeCommand(ledger, plan, before, occurrence.command, nowMs)
  if (occurrence.type === 'model_answered') observeAnswer(ledger, plan, before, occurrence.decision)
  if (occurrence.type === 'tool_finished') {
    const call = callAt(ledger, before, occurrence.index)
    if (occurrence.outcome.status !== 'outcome_unknown') {
      call.finished = true
      call.answered = true
    }
  }
  // The store has it from then on, whatever the run makes of the signal.
  if (occurrence.type === 'message_added' && !ledger.messages.has(occurrence.id)) {
    ledger.messages.set(occurrence.id, 'waiting')
  }
  if (occurrence.type === 'message_added' && before.ending === null) ledger.told.add(occurrence.id)
  if (occurrence.type === 'approval_decided') {
    const approval = ledger.approvals.get(occurrence.decision.approvalId)
    must(approval !== undefined, 'a decision is about an approval that was asked for')
    must(approval.outcome === null, 'an approval is decided once')
    must(
      approval.argumentsSha256 === occurrence.decision.argumentsSha256,
      'a decision is about the arguments shown',
    )
    approval.outcome = occurrence.decision.decision
  }
  observeClock(ledger, plan, after, nowMs)
}

function observeCommand(
  ledger: Ledger,
  plan: RunPlan,
  state: RunState,
  command: Command,
  nowMs: number,
): void {
  const ending = state.ending !== null
  switch (command.type) {
    case 'call_model': {
      const { input } = command
      must(!ending, 'no model is called once the end is decided')
      must(state.turn.stage === 'idle', 'one model call at a time')
      must(input.hop < plan.chain.length, 'a hop is a link of the chain')
      for (const call of ledger.calls.values()) {
        must(call.answered, 'the model is not asked again before every call has its result')
      }
      const inbox = input.inbox ?? []
      must(input.seq === ledger.nextSeq + inbox.length, 'the transcript has no gap')
      for (const id of inbox) must(ledger.messages.get(id) === 'waiting', 'a message is shown once')
      break
    }
    case 'run_tool': {
      const { input } = command
      must(!ending, 'no tool is run once the end is decided')
      const call = callAt(ledger, state, input.index)
      must(call.argumentsSha256 === input.argumentsSha256, 'the arguments run are the ones decided on')
      must(call.seq === input.seq, 'a result stands at its place')
      must(call.verdict !== 'problem', "a call that can't be run is not run")
      must(call.verdict !== 'deny', 'a denied call is never run')
      must(call.verdict === 'allow' || call.cleared, 'a call that is asked about runs only when approved')
      must(!call.finished, 'a call that ended is not made again')
      must(call.runs === call.clearedAgain, 'a call is made once, and again only when a person said so')
      call.runs += 1
      ledger.toolRuns += 1
      break
    }
    case 'request_approval': {
      must(!ending, 'nobody is asked once the end is decided')
      const call = callAt(ledger, state, command.index)
      const { approvalId, argumentsSha256, cause } = command.input
      must(!ledger.approvals.has(approvalId), 'an approval is asked for once')
      must(
        cause === 'outcome_unknown' || call.verdict === 'ask',
        'a person is asked where the policy says so',
      )
      ledger.approvals.set(approvalId, {
        id: approvalId,
        call,
        cause,
        argumentsSha256,
        outcome: null,
        recorded: false,
      })
      break
    }
    case 'record_decision': {
      const approval = ledger.approvals.get(command.input.approvalId)
      must(approval !== undefined, 'what is recorded was asked for')
      must(!approval.recorded, 'a decision is recorded once')
      approval.recorded = true
      const { status } = command.input.outcome
      if (status === 'expired') {
        must(approval.outcome === null, 'time decides nothing that a person has decided')
        must(Date.parse(command.input.outcome.at) <= nowMs, 'an approval does not expire ahead of time')
        approval.outcome = 'expired'
      }
      const approved = approval.outcome === 'approve'
      must((status === 'approved') === approved, 'what is recorded is what was decided')
      must(
        (command.input.toolResult === undefined) === approved,
        'the model is told of every call that is not made',
      )
      if (!approved) approval.call.answered = true
      else if (approval.cause === 'policy') approval.call.cleared = true
      else approval.call.clearedAgain += 1
      break
    }
    case 'note_results':
      for (const { index } of command.input.notes) callAt(ledger, state, index).answered = true
      break
    case 'close_run':
      ledger.closed += 1
      must(ending, 'a run is closed when its end is decided')
      if (command.input.status !== 'completed') break
      for (const id of ledger.told) {
        must(
          ledger.messages.get(id) === 'shown',
          'a run sets out to complete only when it has shown every message',
        )
      }
      break
    default:
      break
  }
}

function observeAnswer(ledger: Ledger, plan: RunPlan, before: RunState, decision: ModelDecision): void {
  ledger.answers += 1
  for (const id of before.turn.inbox) ledger.messages.set(id, 'shown')
  const seq = ledger.nextSeq + before.turn.inbox.length
  ledger.nextSeq = seq + 1 + decision.toolCalls.length
  ledger.calls.clear()
  for (const call of decision.toolCalls) {
    const key = `${before.step}/${call.index}`
    const verdict = call.problem === undefined ? judgeAgain(plan, call.tool, call.arguments) : 'problem'
    ledger.calls.set(key, {
      key,
      seq: seq + 1 + call.index,
      argumentsSha256: call.argumentsSha256,
      verdict,
      mayRepeat: false,
      cleared: false,
      runs: 0,
      clearedAgain: 0,
      finished: false,
      answered: verdict === 'problem',
    })
  }
}

/** The approval policy, told another way than the reducer's own. */
function judgeAgain(plan: RunPlan, name: string, args: { [key: string]: unknown } | null): Verdict {
  const policy = plan.tools.find((tool) => tool.name === name)?.approval
  must(policy !== undefined, 'only planned tools are called')
  const votes = new Set<Verdict>()
  for (const { when, verdict } of policy.rules) {
    if (when === 'always') votes.add(verdict)
    else {
      const value = args?.[when.argument]
      if (typeof value !== 'number' || value > when.above) votes.add(verdict)
    }
  }
  if (votes.size === 0) return policy.otherwise
  return votes.has('deny') ? 'deny' : votes.has('ask') ? 'ask' : 'allow'
}

/** Waiting for people takes nothing of the deadline: the run's own time is all time less the time it waited. */
function observeClock(ledger: Ledger, plan: RunPlan, state: RunState, nowMs: number): void {
  const waits = isWaiting(state)
  if (waits && ledger.waitingSinceMs === null) ledger.waitingSinceMs = nowMs
  if (!waits && ledger.waitingSinceMs !== null) {
    ledger.waitedMs += nowMs - ledger.waitingSinceMs
    ledger.waitingSinceMs = null
  }
  if (state.ending?.status === 'expired' && state.phase !== 'closed' && ledger.waitingSinceMs === null) {
    const spentMs = nowMs - ledger.startedAtMs - ledger.waitedMs
    must(spentMs >= plan.limits.deadlineMs, 'a run does not expire before its own time is up')
  }
}

/** Messages that the store has and no model was shown: over these a run does not complete. */
export function unreadOf(ledger: Ledger): string[] {
  return [...ledger.messages].flatMap(([id, where]) => (where === 'waiting' ? [id] : []))
}

/** Checks what must be true when the run is over. */
export function verdictOnEnd(ledger: Ledger, _plan: RunPlan, state: RunState): void {
  must(ledger.closed === 1, 'a run is closed once')
  must(state.ending !== null, 'a closed run has an end')
  must(state.usage.modelCalls === ledger.answers, 'every answer is counted')
  if (state.ending.status !== 'completed') return
  for (const [id, where] of ledger.messages)
    must(where === 'shown', `a completed run has shown every message (${id})`)
  for (const call of ledger.calls.values())
    must(call.answered, 'a completed run leaves no call without a result')
}

function callAt(ledger: Ledger, state: RunState, index: number): LedgerCall {
  const call = ledger.calls.get(`${state.step}/${index}`)
  must(call !== undefined, 'a call was made by the model in this step')
  return call
}

function same(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
