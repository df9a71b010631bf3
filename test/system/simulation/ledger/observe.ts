import type { ModelDecision } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { observeFault } from './answers.ts'
import { observeDecision, observeRecord, observeRecorded, observeRequest } from './approvals.ts'
import { observeBegin, observeCalls, observeNotes, observeTightened, settleHandoff } from './calls.ts'
import { observeChild, observeChildFinished, observeChildWithheld, observeNever } from './children.ts'
import { observeDeadline } from './clock.ts'
import {
  observeCompact,
  observeCompacted,
  observeHopTooLong,
  observeMeasured,
  observeWindow,
} from './context.ts'
import { observeClose, observeStepsEnd } from './end.ts'
import { observeHop } from './hops.ts'
import { callAt, type Ledger, must } from './ledger.ts'
import { countToolCalls, observeChange, observeReached } from './limits.ts'
import { observeLookedUp, observeLookUp } from './look-ups.ts'
import {
  observeHopFailed,
  observeModelAlarm,
  observeModelEnd,
  observeModelNotices,
  observeModelsBack,
  observeModelsReturned,
  observeSpared,
} from './models.ts'
import { observeNotices } from './notices.ts'
import {
  observeAdmission,
  observeAdmit,
  observeEndOfQueue,
  observeQueue,
  observeRefusals,
  observeSubmitted,
} from './queue.ts'
import { failedCheckOf, observeChoosing, observeChosen } from './routes.ts'
import { toolOf } from './team.ts'
import {
  mayBegin,
  mayLook,
  observeAlarm,
  observeBegun,
  observeBudgetEnd,
  observeSwitch,
  observeWithheld,
} from './waits.ts'

/** Refusals are put on the record even then. */
const AFTER_CLOSE: ReadonlySet<Occurrence['type']> = new Set(['submitted', 'issued', 'refusals_noted'])

/** Enters one occurrence and checks every rule that it touches. */
export function observe(
  ledger: Ledger,
  plan: RunPlan,
  before: RunState,
  occurrence: Occurrence,
  after: RunState,
  nowMs: number,
): void {
  must(
    before.phase !== 'closed' || AFTER_CLOSE.has(occurrence.type),
    'nothing happens to a closed run but what is refused',
  )
  const reopens = occurrence.type === 'run_closed' && occurrence.unread.length > 0
  must(
    before.ending === null || same(before.ending, after.ending) || reopens,
    'an end that is decided stands',
  )
  if (reopens) {
    ledger.closed -= 1
    for (const id of occurrence.unread) ledger.knownMessages.add(id)
  }
  enter(ledger, plan, before, occurrence, after, nowMs)
  if (before.ending === null && after.ending !== null) observeEndOfQueue(ledger, after)
  observeQueue(ledger, after)
  const { maxToolCalls } = ledger.budget.limits
  if (maxToolCalls !== undefined && ledger.budget.toolCalls >= maxToolCalls) ledger.budget.met = true
  if (after.budget.reached !== null && after.budget.reached !== before.budget.reached) {
    observeReached(ledger, plan, after.budget.reached)
    // It goes on in another way, or ends: what was waited for before is another wait.
    if (after.budget.pause === null) ledger.budget.wait = null
    // What it counts itself may be reached while it waits for another: from then on a change helps.
    else if (ledger.budget.wait !== null) ledger.budget.wait.reached = after.budget.reached
  }
  if (before.ending === null && after.ending !== null) {
    observeDeadline(ledger, plan, after.ending)
    observeBudgetEnd(ledger, plan, after.ending, nowMs)
    observeModelEnd(ledger, after.ending, nowMs)
    observeStepsEnd(ledger, plan, after.ending)
  }
}

function enter(
  ledger: Ledger,
  plan: RunPlan,
  before: RunState,
  occurrence: Occurrence,
  after: RunState,
  nowMs: number,
): void {
  const { budget } = ledger
  switch (occurrence.type) {
    case 'issued':
      observeCommand(ledger, plan, before, occurrence.command, nowMs)
      break
    case 'run_opened':
      ledger.opened = true
      break
    case 'model_answered':
      budget.lastProgressMs = nowMs
      observeBegun(ledger)
      observeModelsReturned(ledger)
      observeAnswer(ledger, plan, before, occurrence.decision)
      observeFault(ledger, plan, withCalls(occurrence.decision), before, after)
      must(!budget.lastCallAnswered || after.ending !== null, 'the last call is the end')
      break
    case 'model_failed':
      budget.lastProgressMs = nowMs
      budget.lastCallInFlight = false
      observeBegun(ledger)
      if (before.ending === null && occurrence.code !== 'agent_unknown') {
        observeSpared(ledger, occurrence.code)
        if (occurrence.code === 'model_context_too_long')
          observeHopTooLong(ledger, plan, 'refused', after, nowMs)
        else observeHopFailed(ledger, plan, occurrence.code, after, nowMs)
      }
      break
    case 'model_too_long':
      budget.lastCallInFlight = false
      if (before.ending === null) observeHopTooLong(ledger, plan, 'predicted', after, nowMs)
      break
    case 'compacted':
      observeCompacted(ledger, plan, occurrence.compaction, before, after, nowMs)
      break
    case 'compaction_stopped':
      ledger.context.inFlight = false
      break
    case 'route_chosen':
      observeChosen(ledger, plan, occurrence.choice, after)
      break
    case 'model_withheld':
      if (before.ending === null) observeWithheld(ledger, plan, occurrence.reached, after, nowMs)
      budget.lastCallInFlight = false
      break
    case 'model_stopped':
      budget.lastCallInFlight = false
      break
    case 'child_withheld':
      observeChildWithheld(ledger, occurrence.index, before.runId, occurrence.never === true)
      if (before.ending !== null) break
      if (occurrence.never) observeNever(ledger, occurrence.reached, after)
      else observeWithheld(ledger, plan, occurrence.reached, after, nowMs)
      break
    case 'child_finished':
      observeChildFinished(ledger, occurrence.index, occurrence.closed)
      break
    case 'call_looked_up':
      observeLookedUp(ledger, plan, occurrence)
      break
    case 'look_up_failed':
      callAt(ledger, occurrence.index).lookingUp = false
      break
    case 'tool_finished': {
      const call = callAt(ledger, occurrence.index)
      call.inFlight = false
      countCarriedOut(ledger)
      call.unseen = occurrence.outcome.status === 'outcome_unknown'
      if (call.unseen) break
      call.finished = true
      call.answered = true
      break
    }
    case 'tool_failed': {
      const call = callAt(ledger, occurrence.index)
      call.inFlight = false
      call.unseen = occurrence.code === undefined
      if (call.unseen && toolOf(plan, call.tool).effect === 'read') countCarriedOut(ledger)
      break
    }
    case 'tool_stopped':
      callAt(ledger, occurrence.index).inFlight = false
      callAt(ledger, occurrence.index).lookingUp = false
      break
    case 'results_noted':
      for (const index of occurrence.indexes) callAt(ledger, index).answered = true
      break
    case 'message_added':
      // The store has it from then on, whatever the run makes of the signal.
      if (!ledger.messages.has(occurrence.id)) ledger.messages.set(occurrence.id, 'waiting')
      if (before.ending === null) ledger.knownMessages.add(occurrence.id)
      break
    case 'submitted':
      observeSubmitted(ledger, plan, before, occurrence, after)
      break
    case 'dropped':
      if (ledger.closed === 0) ledger.dropped += 1
      break
    case 'admission':
      observeAdmission(ledger, plan, before, occurrence, nowMs)
      break
    case 'approval_decided':
      observeDecision(ledger, plan, occurrence.decision, nowMs, occurrence.found)
      break
    case 'decision_recorded':
      observeRecorded(ledger, occurrence)
      settleHandoff(ledger, plan, callAt(ledger, occurrence.index))
      break
    case 'policy_tightened':
      observeTightened(ledger, occurrence.rule)
      break
    case 'hand_over_suggested':
      ledger.handOverPending = true
      break
    case 'budget_changed':
      if (before.ending === null) observeChange(ledger, occurrence.change)
      break
    case 'kill_switch':
      observeSwitch(ledger, occurrence.scope, occurrence.on)
      break
    case 'look_again':
      mayLook(ledger, 'must')
      break
    case 'models_back':
      observeModelsBack(ledger, before, after)
      break
    case 'alarm':
      observeAlarm(ledger, plan, after, nowMs)
      observeModelAlarm(ledger, after, nowMs)
      break
    default:
      break
  }
}

function observeCommand(
  ledger: Ledger,
  plan: RunPlan,
  state: RunState,
  command: Command,
  nowMs: number,
): void {
  const isEnding = state.ending !== null
  switch (command.type) {
    case 'call_model':
      must(!isEnding, 'no model is called once the end is decided')
      must(state.turn.stage === 'idle', 'one model call at a time')
      observeHop(ledger, plan, command.input, nowMs)
      observeWindow(ledger, command.input)
      break
    case 'compact':
      must(!isEnding, 'nothing is compacted once the end is decided')
      must(state.turn.stage === 'idle', 'nothing is compacted while a model is asked')
      observeCompact(ledger, plan, command.input)
      break
    case 'choose_route':
      must(!isEnding, 'no rule is judged once the end is decided')
      must(state.turn.stage === 'idle', 'models are chosen while none is asked')
      observeChoosing(ledger, plan, command.input)
      break
    case 'look_up_call':
      must(!isEnding, 'nothing is looked up once the end is decided')
      mayBegin(ledger, false)
      observeLookUp(ledger, plan, command.input.index)
      break
    case 'run_tool':
      must(!isEnding, 'no tool is run once the end is decided')
      ledger.budget.lastProgressMs = nowMs
      mayBegin(ledger, false)
      observeBegin(ledger, command.input, command.input.index)
      countToolCalls(ledger, 1)
      break
    case 'run_child':
      must(!isEnding, 'no sub-agent is begun once the end is decided')
      ledger.budget.lastProgressMs = nowMs
      observeChild(ledger, plan, command)
      break
    case 'request_approval':
      must(!isEnding, 'nobody is asked once the end is decided')
      observeRequest(ledger, plan, command.index, command.input, nowMs)
      break
    case 'record_decision':
      observeRecord(ledger, command.input)
      break
    case 'note_results':
      observeNotes(ledger, command.input.notes, plan)
      break
    case 'record_budget':
      observeNotices(ledger, command.input)
      break
    case 'record_model_wait':
      observeModelNotices(ledger, command.input)
      break
    case 'admit':
      must(!isEnding, 'nothing is looked at once the end is decided')
      observeAdmit(ledger, command)
      break
    case 'record_refusals':
      observeRefusals(ledger, command.input)
      break
    case 'continue_as_new':
      ledger.handOverPending = false
      break
    case 'close_run':
      must(isEnding, 'a run is closed when its end is decided')
      must(!ledger.context.inFlight, 'no run is closed while its transcript is being compacted')
      observeClose(ledger, command.input)
      break
    default:
      break
  }
}

/** A call has come to its end, good or bad. */
function countCarriedOut(ledger: Ledger): void {
  ledger.usage = { ...ledger.usage, toolCalls: ledger.usage.toolCalls + 1 }
}

function observeAnswer(ledger: Ledger, plan: RunPlan, before: RunState, decision: ModelDecision): void {
  ledger.failedCheck = failedCheckOf(decision)
  const { inputTokens, cachedInputTokens, outputTokens } = decision.usage
  const { usage, budget } = ledger
  ledger.answers += 1
  observeMeasured(ledger, plan, inputTokens + outputTokens, inputTokens)
  ledger.usage = {
    ...usage,
    inputTokens: usage.inputTokens + inputTokens,
    cachedInputTokens: usage.cachedInputTokens + cachedInputTokens,
    outputTokens: usage.outputTokens + outputTokens,
    modelCalls: usage.modelCalls + 1,
    costMicroUsd:
      usage.costMicroUsd === null || decision.costMicroUsd === null
        ? null
        : usage.costMicroUsd + decision.costMicroUsd,
  }
  budget.lastCallAnswered ||= budget.lastCallInFlight
  budget.lastCallInFlight = false
  const came = [...ledger.messages.keys()].filter((id) => before.turn.inbox.includes(id))
  must(same(came, before.turn.inbox), 'messages are shown in the order in which they came')
  for (const id of before.turn.inbox) ledger.messages.set(id, 'shown')
  observeCalls(ledger, plan, decision, before.turn.inbox.length)
}

function withCalls({ fault, toolCalls, hop }: ModelDecision) {
  return { fault, calls: toolCalls.length, hop }
}

function same(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
