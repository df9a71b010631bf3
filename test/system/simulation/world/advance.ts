import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { observeChildSpent } from '../ledger/children.ts'
import { unreadOf } from '../ledger/end.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { observeBooked } from '../ledger/limits.ts'
import type { Random } from '../random.ts'
import type { Reducer } from '../reducer.ts'
import { advanceCompaction } from './compaction.ts'
import { advanceHop } from './hop.ts'
import type { InFlight } from './in-flight.ts'
import { advanceLookUp, lookUpEdit } from './look-up.ts'
import { problemOf } from './outsiders.ts'
import { advanceRoute } from './route.ts'
import { committedOf } from './store-totals.ts'
import { advanceChild } from './sub-agent.ts'
import type { World } from './world.ts'

export interface Scene {
  readonly random: Random
  readonly plan: RunPlan
  readonly ledger: Ledger
  readonly world: World
  readonly reducer: Reducer
  readonly current: () => RunState
}

/** How what is in flight goes on, or ends. A stopped activity may still have ended by itself. */
export function advance(
  { random, plan, ledger, world, reducer, current }: Scene,
  item: InFlight,
  nowMs: number,
): Occurrence | null {
  const { command, stopped } = item
  switch (command.type) {
    case 'open_run':
      return { type: 'run_opened', ...(random.chance(0.02) && { cancelRequested: true as const }) }
    case 'call_model':
      return advanceHop({ random, world, plan }, { item, command }, nowMs, () =>
        observeBooked(ledger, plan, 'hop', committedOf(world.books)),
      )
    case 'compact': {
      const onBooked = () => observeBooked(ledger, plan, 'summary', committedOf(world.books))
      return advanceCompaction({ plan, world, onBooked }, item, command)
    }
    case 'choose_route':
      return advanceRoute({ world, plan, routes: world.routes }, item, command, nowMs, () =>
        observeBooked(ledger, plan, 'classifier', committedOf(world.books)),
      )
    case 'run_child':
      return advanceChild(
        { random, world, plan },
        { item, command },
        {
          opened: () => observeBooked(ledger, plan, command.input.childRunId, committedOf(world.books)),
          closed: (child, used) => observeChildSpent(ledger, command, child, used),
        },
      )
    case 'look_up_call':
      return advanceLookUp({ plan, world, state: current() }, item, command)
    case 'run_tool': {
      const { index, tool } = command.input
      if (stopped && random.chance(0.7)) return { type: 'tool_stopped', index }
      if (random.chance(0.1)) {
        const wasMade = nowMs % 3 > 0
        return { type: 'tool_failed', index, ...(!wasMade && { code: 'tool_arguments_mismatch' }) }
      }
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
    case 'admit': {
      const { submission } = command
      if (ledger.forged.has(submission.key)) return { type: 'admission', problem: 'decision_unsigned' }
      const early = problemOf(plan, current(), submission, reducer)
      const isEdit = submission.type === 'decision' && submission.decision.decision === 'edit'
      const looked = isEdit && early === null ? lookUpEdit(plan, world, current(), submission.decision) : null
      if (looked === 'failed') return { type: 'admission', problem: 'edit_not_looked_up' }
      const problem = early ?? problemOf(plan, current(), submission, reducer, looked ?? undefined)
      const isUnusable = ledger.unusable.has(submission.key)
      const unusable = isUnusable ? 'edited_arguments_invalid' : null
      return { type: 'admission', problem: problem ?? unusable, ...(looked && { found: looked }) }
    }
    case 'record_refusals':
      return { type: 'refusals_noted' }
    case 'record_budget':
      return { type: 'budget_noted' }
    case 'record_model_wait':
      return { type: 'model_wait_noted' }
    case 'note_results':
      return { type: 'results_noted', indexes: command.input.notes.map(({ index }) => index) }
    case 'close_run':
      return { type: 'run_closed', unread: command.input.status === 'completed' ? unreadOf(ledger) : [] }
    default:
      throw new Error(`${command.type} is never in flight`)
  }
}

export function isTargetOf(stop: Command, command: Command): boolean {
  if (stop.type === 'stop_compaction') return command.type === 'compact'
  if (stop.type === 'stop_model') return command.type === 'call_model' || command.type === 'choose_route'
  if (stop.type !== 'stop_tool') return false
  return (
    ((command.type === 'run_tool' || command.type === 'look_up_call') &&
      command.input.index === stop.index) ||
    (command.type === 'run_child' && command.index === stop.index)
  )
}
