import type { ModelDecision } from '../../src/contracts/activities.ts'
import type {
  ApprovalDecision,
  ApprovalId,
  ApprovalTerms,
  DecisionKind,
} from '../../src/contracts/approval.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Condition, PendingToolCall, Verdict } from '../../src/contracts/tool.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import type { Occurrence } from '../../src/workflows/state/occurrence.ts'
import { isWaiting, type RunState, type TightenedRule } from '../../src/workflows/state/run-state.ts'
import { REQUESTER } from './people.ts'

/*
 * The other side's books: what a run may do, worked out from the plan and from what was said, without the reducer's help.
 * Each rule has a name, and a mutation in mutations.test.ts that breaks it.
 */

interface LedgerCall {
  readonly key: string
  readonly tool: string
  readonly seq: number
  argumentsSha256: string
  verdict: Verdict | 'problem'
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
  readonly terms: ApprovalTerms
  readonly askedAtMs: number
  readonly voices: Map<string, ApprovalDecision>
  outcome: DecisionKind | 'expired' | null
  recorded: boolean
}

export interface Ledger {
  nextSeq: number
  readonly calls: Map<string, LedgerCall>
  readonly approvals: Map<string, LedgerApproval>
  readonly messages: Map<string, 'waiting' | 'shown'>
  readonly tightened: TightenedRule[]
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
    tightened: [],
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
  if (occurrence.type === 'approval_decided') observeDecision(ledger, occurrence.decision, nowMs)
  if (occurrence.type === 'decision_recorded') observeRecorded(ledger, before, occurrence)
  if (occurrence.type === 'policy_tightened') tighten(ledger, occurrence.rule)
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
        terms: command.input.terms,
        askedAtMs: nowMs,
        voices: new Map(),
        outcome: null,
        recorded: false,
      })
      break
    }
    case 'record_decision': {
      const approval = ledger.approvals.get(command.input.approvalId)
      must(approval !== undefined, 'what is recorded was asked for')
      must(!approval.recorded, 'a decision is recorded once')
      const { status, by, at } = command.input.outcome
      if (by === 'time' || by === 'policy') {
        must(approval.outcome === null, 'time decides nothing that a person has decided')
        must(status === (by === 'time' ? 'expired' : 'rejected'), 'neither time nor policy approves')
        must(
          by === 'policy' || Date.parse(at) >= approval.askedAtMs + approval.terms.timeoutMs,
          'an approval does not expire ahead of time',
        )
        must(by === 'time' || approval.call.verdict === 'deny', 'the policy rejects only what it denies')
        approval.outcome = by === 'time' ? 'expired' : 'reject'
      }
      must(approval.outcome !== null, 'an approval is decided by as many as its terms want')
      must(STATUS_OF[approval.outcome] === status, 'what is recorded is what was decided')
      const goesAhead = status === 'approved' || status === 'edited'
      must(
        (command.input.toolResult === undefined) === goesAhead,
        'the model is told of every call that is not made',
      )
      approval.recorded = true
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

const STATUS_OF = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
  expired: 'expired',
} as const

function observeDecision(ledger: Ledger, decision: ApprovalDecision, nowMs: number): void {
  const approval = ledger.approvals.get(decision.approvalId)
  must(approval !== undefined, 'a decision is about an approval that was asked for')
  must(approval.outcome === null, 'an approval is decided once')
  must(approval.argumentsSha256 === decision.argumentsSha256, 'a decision is about the arguments shown')
  const { terms, voices } = approval
  must(terms.decisions.includes(decision.decision), 'a decision is one of those on offer')
  must(
    !terms.excludeRequester || decision.by !== REQUESTER,
    'who asked for the run does not decide where excluded',
  )
  must(mayDecide(approval, decision.groups ?? [], nowMs), 'only approvers decide')
  must(!voices.has(decision.by), 'nobody votes twice')
  voices.set(decision.by, decision)
  const agreeing = [...voices.values()].filter((voice) => voice.decision === decision.decision).length
  const needed = decision.decision === 'reject' && terms.rejection === 'ends' ? 1 : terms.quorum
  if (agreeing >= needed) approval.outcome = decision.decision
}

/** A member of the terms' groups, or of those that enough time has brought in. */
function mayDecide({ terms, askedAtMs }: LedgerApproval, groups: readonly string[], nowMs: number): boolean {
  if (terms.approvers.length === 0) return true
  const waitedMs = nowMs - askedAtMs
  const escalated = terms.escalation.filter(
    ({ afterMs }) => waitedMs >= afterMs || (terms.onTimeout === 'escalate' && waitedMs >= terms.timeoutMs),
  )
  const allowed = [...terms.approvers, ...escalated.flatMap(({ to }) => to)]
  return groups.some((group) => allowed.includes(group))
}

/** A decision counts from when it is on the record. An edit that was refused there counts for nothing. */
function observeRecorded(
  ledger: Ledger,
  state: RunState,
  { index, refused }: Extract<Occurrence, { type: 'decision_recorded' }>,
): void {
  const call = callAt(ledger, state, index)
  const approval = [...ledger.approvals.values()].findLast((one) => one.call === call)
  must(approval !== undefined && approval.outcome !== null, 'what is recorded was decided')
  if (refused) {
    const editor = [...approval.voices.values()].find(({ decision }) => decision === 'edit')
    must(editor !== undefined, 'only an edit is refused')
    approval.voices.delete(editor.by)
    approval.outcome = null
    approval.recorded = false
    return
  }
  if (approval.outcome === 'edit') {
    const edit = [...approval.voices.values()].find(({ decision }) => decision === 'edit')
    call.argumentsSha256 = edit?.editedSha256 ?? 'none'
  }
  if (approval.outcome !== 'approve' && approval.outcome !== 'edit') call.answered = true
  else if (approval.cause === 'policy') call.cleared = true
  else call.clearedAgain += 1
}

/** A stricter rule reaches what has not begun. */
function tighten(ledger: Ledger, rule: TightenedRule): void {
  ledger.tightened.push(rule)
  for (const call of ledger.calls.values()) {
    const reached = (rule.tool === '*' || rule.tool === call.tool) && call.runs === 0 && !call.answered
    if (!reached || call.verdict === 'problem') continue
    if (rule.verdict === 'deny') call.verdict = 'deny'
    else if (call.verdict === 'allow') call.verdict = 'ask'
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
    const verdict = call.problem === undefined ? judgeAgain(ledger, plan, call) : 'problem'
    ledger.calls.set(key, {
      key,
      tool: call.tool,
      seq: seq + 1 + call.index,
      argumentsSha256: call.argumentsSha256,
      verdict,
      cleared: false,
      runs: 0,
      clearedAgain: 0,
      finished: false,
      answered: verdict === 'problem',
    })
  }
}

/** The approval policy, told another way than the reducer's own. */
function judgeAgain(ledger: Ledger, plan: RunPlan, call: PendingToolCall): Verdict {
  const policy = plan.tools.find((tool) => tool.name === call.tool)?.approval
  must(policy !== undefined, 'only planned tools are called')
  const votes = new Set<Verdict>()
  for (const { tool, verdict } of ledger.tightened) if (tool === '*' || tool === call.tool) votes.add(verdict)
  for (const { when, verdict } of policy.rules) if (holds(when, call)) votes.add(verdict)
  if (votes.size === 0) return policy.otherwise
  return votes.has('deny') ? 'deny' : votes.has('ask') ? 'ask' : 'allow'
}

function holds(when: Condition, { arguments: args, firstTime }: PendingToolCall): boolean {
  if (when === 'always') return true
  if ('firstTime' in when) return firstTime === undefined || firstTime
  const value = args?.[when.argument]
  if ('above' in when) return typeof value !== 'number' || value > when.above
  return typeof value !== 'string' || when.outside.every((end) => !value.endsWith(end))
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
