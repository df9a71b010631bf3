import type { ApprovalDecision } from '../../src/contracts/approval.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import type { Occurrence } from '../../src/workflows/state/occurrence.ts'
import { initialState, type RunState } from '../../src/workflows/state/run-state.ts'
import { type Ledger, newLedger, observe, unreadOf, verdictOnEnd } from './ledger.ts'
import { PEOPLE, REQUESTER } from './people.ts'
import { type Random, seeded } from './random.ts'
import { randomModelDecision } from './random-model.ts'
import { randomPlan } from './random-plan.ts'
import { REDUCER, type Reducer } from './reducer.ts'

/** Something in flight: a command whose end has not been seen. */
interface InFlight {
  readonly command: Command
  stopped: boolean
}

export interface Report {
  readonly seed: number
  readonly status: string
  readonly occurrences: number
  readonly handOvers: number
  readonly restarts: number
}

const RUN_ID = 'run_00000000000000000000000001'

/** After so many occurrences the world turns kind: nothing new comes in, and everything in flight ends. */
const WILD_OCCURRENCES = 120
const MOST_OCCURRENCES = 1_000

/**
 * Plays one run of the reducer against a random world: results in any order, failures, decisions (right, wrong, late and
 * repeated), messages, cancels, alarms, hand-overs and restarts. Throws at the first invariant that does not hold.
 */
export function simulate(seed: number, reducer: Reducer = REDUCER): Report {
  const random = seeded(seed)
  const plan = randomPlan(random)
  const inputCount = 1 + random.below(3)
  const ledger = newLedger(plan, inputCount)
  let nowMs = 1_000
  let state = initialState(RUN_ID, inputCount, nowMs)
  let inFlight: InFlight[] = []
  let handOvers = 0
  let restarts = 0
  let occurrences = 0

  function take(occurrence: Occurrence): void {
    occurrences += 1
    const before = state
    state = reducer.apply(plan, state, occurrence, nowMs)
    observe(ledger, plan, before, occurrence, state, nowMs)
  }

  for (;;) {
    if (occurrences > MOST_OCCURRENCES) throw new Error('The run does not end')
    // Asked again after every command, as in the workflow, where a command's start may end nothing but may change the rest.
    for (
      let commands = reducer.decide(plan, state);
      commands.length > 0;
      commands = reducer.decide(plan, state)
    ) {
      const handOver = commands.find(({ type }) => type === 'continue_as_new')
      for (const command of handOver ? [] : commands) issue(command)
      if (!handOver) continue
      if (inFlight.length > 0) throw new Error('Hands over while an activity is in flight')
      take({ type: 'issued', command: handOver })
      state = JSON.parse(JSON.stringify(state)) as RunState
      handOvers += 1
    }
    if (state.phase === 'closed') break
    nowMs += random.below(20)
    // A worker that dies loses nothing but memory: replay gives the same state, and what is in flight goes on.
    if (random.chance(0.05)) {
      state = JSON.parse(JSON.stringify(state)) as RunState
      restarts += 1
    }
    take(next(occurrences < WILD_OCCURRENCES))
  }
  verdictOnEnd(ledger, plan, state)
  return { seed, status: state.ending?.status ?? 'none', occurrences, handOvers, restarts }

  function issue(command: Command): void {
    if (command.type === 'stop_model' || command.type === 'stop_tool') {
      const target = inFlight.find((item) => isTargetOf(command, item.command))
      if (!target) throw new Error(`${command.type} stops nothing`)
      target.stopped = true
    } else {
      inFlight.push({ command, stopped: false })
    }
    take({ type: 'issued', command })
  }

  function next(wild: boolean): Occurrence {
    const alarm = reducer.nextAlarm(plan, state)
    if (wild && random.chance(0.35)) {
      const occurrence = outsider(random, plan, state, ledger, reducer)
      if (occurrence) return occurrence
    }
    if (inFlight.length > 0 && !(alarm !== null && random.chance(0.05))) {
      const item = random.pick(inFlight)
      inFlight = inFlight.filter((other) => other !== item)
      return end(random, plan, ledger, item)
    }
    if (alarm !== null) {
      nowMs = Math.max(nowMs, alarm)
      return { type: 'alarm' }
    }
    if (inFlight.length > 0) return next(false)
    throw new Error('The run waits for nothing')
  }
}

function isTargetOf(stop: Command, command: Command): boolean {
  if (stop.type === 'stop_model') return command.type === 'call_model'
  return stop.type === 'stop_tool' && command.type === 'run_tool' && command.input.index === stop.index
}

/** How what is in flight ends. A stopped activity may still have ended by itself. */
function end(random: Random, plan: RunPlan, ledger: Ledger, { command, stopped }: InFlight): Occurrence {
  switch (command.type) {
    case 'open_run':
      return { type: 'run_opened' }
    case 'call_model':
      if (stopped && random.chance(0.7)) return { type: 'model_stopped' }
      if (random.chance(0.2)) {
        const codes = [
          'model_overloaded',
          'model_unauthorized',
          'model_content_filtered',
          'agent_unknown',
        ] as const
        return { type: 'model_failed', code: random.pick(codes) }
      }
      return { type: 'model_answered', decision: randomModelDecision(random, plan) }
    case 'run_tool': {
      const { index, tool } = command.input
      if (stopped && random.chance(0.7)) return { type: 'tool_stopped', index }
      if (random.chance(0.1)) return { type: 'tool_failed', index }
      const unknown = tool.effect !== 'read' && tool.idempotency === 'none' && random.chance(0.2)
      const status = unknown ? 'outcome_unknown' : random.pick(['ok', 'ok', 'failed'] as const)
      return { type: 'tool_finished', index, outcome: { status, preview: '' } }
    }
    case 'request_approval':
      return { type: 'approval_recorded', index: command.index }
    case 'record_progress':
      return { type: 'progress_recorded', index: command.index }
    case 'record_decision': {
      const refused = command.input.edited !== undefined && random.chance(0.2)
      return { type: 'decision_recorded', index: command.index, ...(refused && { refused }) }
    }
    case 'note_results':
      return { type: 'results_noted', indexes: command.input.notes.map(({ index }) => index) }
    case 'close_run':
      return { type: 'run_closed', unread: command.input.status === 'completed' ? unreadOf(ledger) : [] }
    default:
      throw new Error(`${command.type} is never in flight`)
  }
}

/** What people and clocks do, wanted or not. Null where there is nothing to do just now. */
function outsider(
  random: Random,
  plan: RunPlan,
  state: RunState,
  ledger: Ledger,
  reducer: Reducer,
): Occurrence | null {
  const kind = random.below(20)
  if (kind === 0) return { type: 'cancel_requested' }
  if (kind < 4) return { type: 'hand_over_suggested' }
  if (kind < 7) return { type: 'message_added', id: `msg_${random.below(8)}` }
  if (kind === 7) return { type: 'alarm' }
  if (kind === 8 && random.chance(0.2)) {
    const tool = random.pick(['*', ...plan.tools.map(({ name }) => name)])
    return { type: 'policy_tightened', rule: { tool, verdict: random.pick(['ask', 'deny']) } }
  }
  const approvals = [...ledger.approvals.values()]
  if (approvals.length === 0) return null
  const approval = random.pick(approvals)
  const by = random.pick(Object.keys(PEOPLE))
  const amount = random.below(120)
  const decision: ApprovalDecision = {
    approvalId: random.chance(0.05) ? 'apr_unknown' : approval.id,
    decision: random.pick(['approve', 'approve', 'approve', 'reject', 'edit', 'respond']),
    argumentsSha256: random.chance(0.1) ? 'of-other-arguments' : approval.argumentsSha256,
    by,
    groups: PEOPLE[by] ?? [],
    message: 'as I say',
    arguments: { amount, to: 'a@ours' },
    editedSha256: `sha-of-${amount}`,
  }
  // The workflow's handlers ask this first, and drop what does not fit.
  if (reducer.checkDecision(plan, { principal: REQUESTER }, state, decision) !== null) return null
  return { type: 'approval_decided', decision }
}
