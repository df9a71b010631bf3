import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { ModelDecision } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type {
  Condition,
  PendingToolCall,
  PlannedTool,
  TightenedRule,
  Verdict,
} from '../../../../src/contracts/tools/tool.ts'
import type { RunToolInput } from '../../../../src/contracts/tools/tool-call.ts'
import { callAt, type Ledger, type LedgerCall, must } from './ledger.ts'
import { toolOf } from './team.ts'

/** The calls of an answer, and what the policy says of each. */
export function observeCalls(ledger: Ledger, plan: RunPlan, decision: ModelDecision, inbox: number): void {
  const seq = ledger.nextSeq + inbox
  ledger.nextSeq = seq + 1 + (decision.fault === undefined ? decision.toolCalls.length : 1)
  ledger.calls.clear()
  for (const call of decision.toolCalls) {
    const verdict = call.problem === undefined ? judgeFirst(ledger, plan, call) : 'problem'
    const entered: LedgerCall = {
      index: call.index,
      tool: call.tool,
      seq: seq + 1 + call.index,
      argumentsSha256: call.argumentsSha256,
      verdict,
      asked: call,
      found: null,
      lookingUp: false,
      approved: false,
      runs: 0,
      approvedAgain: 0,
      inFlight: false,
      finished: false,
      unseen: false,
      noting: false,
      answered: verdict === 'problem',
      handsOver: false,
      share: 0,
      isTooDear: false,
    }
    ledger.calls.set(call.index, entered)
    settleHandoff(ledger, plan, entered)
  }
}

/**
 * A handoff that is allowed is a settled thing: rules that come in later don't reach it, and another one that is allowed after it is
 * not made.
 */
export function settleHandoff(ledger: Ledger, plan: RunPlan, call: LedgerCall): void {
  if ([...ledger.calls.values()].some(({ handsOver }) => handsOver)) return
  const mayGo = call.verdict === 'allow' || (call.approved && call.verdict !== 'deny')
  if (mayGo && toolOf(plan, call.tool).execution === 'handoff') call.handsOver = true
}

/** A call begins: it is one that may be made, with the arguments decided on, and was not made before. */
export function observeBegin(
  ledger: Ledger,
  input: Pick<RunToolInput, 'seq'> & Partial<Pick<RunToolInput, 'argumentsSha256' | 'arguments'>>,
  index: number,
): LedgerCall {
  const call = callAt(ledger, index)
  const amount = input.arguments?.['amount']
  const hash = input.argumentsSha256 ?? (amount === undefined ? call.argumentsSha256 : `sha-of-${amount}`)
  must(call.argumentsSha256 === hash, 'the arguments run are the ones decided on')
  must(call.seq === input.seq, 'a result stands at its place')
  must(call.verdict !== 'problem', "a call that can't be run is not run")
  must(call.verdict !== 'deny', 'a denied call is never run')
  must(call.verdict !== 'unknown', 'a call is made only when its facts are known')
  must(call.verdict === 'allow' || call.approved, 'a call that is asked about runs only when approved')
  must(!call.handsOver, 'a handoff is nothing to run')
  must(!call.finished, 'a call that ended is not made again')
  must(call.runs === call.approvedAgain, 'a call is made once, and again only when a person said so')
  call.runs += 1
  call.inFlight = true
  return call
}

/** What the run says in its tools' place. */
export function observeNotes(
  ledger: Ledger,
  notes: readonly { readonly index: number; readonly code?: ErrorCode; readonly handoff?: string }[],
  plan: RunPlan,
): void {
  for (const { index, code, handoff } of notes) {
    const call = callAt(ledger, index)
    must(!call.answered && !call.noting, 'a call is answered once')
    call.noting = true
    must((handoff !== undefined) === call.handsOver, 'the model is told of a handoff where there is one')
    must(
      handoff === undefined || handoff === toolOf(plan, call.tool).to,
      'a handoff is to whom the tool says',
    )
    const others = [...ledger.calls.values()].filter((other) => other !== call)
    must(
      code !== 'tool_handed_off' || others.some(({ handsOver }) => handsOver),
      'a handoff is left for another one that is made',
    )
    must(
      (code === 'tool_not_allowed') === isLacking(plan, toolOf(plan, call.tool)),
      'whoever may not have a tool called is told so, and nobody else',
    )
    const isBegun = call.runs !== call.approvedAgain
    must(code !== 'tool_budget_reached' || !isBegun, 'only calls that have not begun are left for the budget')
  }
}

/** A stricter rule reaches what has not begun. */
export function observeTightened(ledger: Ledger, rule: TightenedRule): void {
  ledger.tightened.push(rule)
  for (const call of ledger.calls.values()) {
    const isOpen = call.runs === 0 && !call.answered && !call.handsOver
    if (!isOpen || call.verdict === 'problem' || !(rule.tool === '*' || rule.tool === call.tool)) continue
    if (rule.verdict === 'deny') call.verdict = 'deny'
    else if (call.verdict === 'allow') call.verdict = 'ask'
  }
}

/** What a rule that came in denies needs no facts. */
function judgeFirst(ledger: Ledger, plan: RunPlan, call: PendingToolCall): Verdict | 'unknown' {
  const tool = toolOf(plan, call.tool)
  if (isLacking(plan, tool)) return 'deny'
  return tool.facts ? 'unknown' : judgeAgain(ledger, tool, call)
}

/** Whether the run's caller lacks what the tool demands, told another way than the reducer's own. */
function isLacking({ caller }: RunPlan, { requires }: PlannedTool): boolean {
  const had = new Set<string>([...(caller?.groups ?? []), ...(caller?.scopes ?? [])])
  const missing = (requires?.scopes ?? []).filter((scope) => !had.has(scope) && !had.has('tools:*'))
  const groups = requires?.groups?.filter((group) => had.has(group)).length
  return missing.length > 0 || groups === 0
}

/** A call as it is known once something was looked up of it: the model's, or what an edit would make of it. */
export type KnownCall = Pick<PendingToolCall, 'tool' | 'arguments' | 'firstTime'> & {
  readonly facts?: JsonObject | null
}

/** The approval policy, told another way than the reducer's own. */
export function judgeAgain(ledger: Ledger, { approval }: PlannedTool, call: KnownCall): Verdict {
  const votes = new Set<Verdict>()
  for (const { tool, verdict } of ledger.tightened) if (tool === '*' || tool === call.tool) votes.add(verdict)
  for (const { when, verdict } of approval.rules) if (holds(when, call)) votes.add(verdict)
  if (votes.size === 0) return approval.otherwise
  return votes.has('deny') ? 'deny' : votes.has('ask') ? 'ask' : 'allow'
}

function holds(when: Condition, { arguments: args, firstTime, facts }: KnownCall): boolean {
  if (when === 'always') return true
  if ('firstTime' in when) return firstTime === undefined || firstTime
  const value = 'fact' in when ? facts?.[when.fact] : args?.[when.argument]
  if ('above' in when) return typeof value !== 'number' || value > when.above
  return typeof value !== 'string' || when.outside.every((end) => !value.endsWith(end))
}
