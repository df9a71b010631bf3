import { toWorkflowPlan } from '../../../src/contracts/runs/workflow-plan.ts'
import { isFinished } from '../../../src/workflows/state/admission.ts'
import type { Command } from '../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../src/workflows/state/occurrence.ts'
import { initialState, type RunState } from '../../../src/workflows/state/run-state.ts'
import { observeTime } from './ledger/clock.ts'
import { unreadOf, verdictOnEnd } from './ledger/end.ts'
import { type Ledger, newLedger } from './ledger/ledger.ts'
import { observeRest } from './ledger/liveness.ts'
import { observe } from './ledger/observe.ts'
import { observeResume } from './ledger/resume.ts'
import { randomLimits } from './plans/random-budget.ts'
import { randomPlan } from './plans/random-plan.ts'
import { withAnswers } from './plans/with-answers.ts'
import { withDemands } from './plans/with-demands.ts'
import { withLookUps } from './plans/with-look-ups.ts'
import { withRoutes } from './plans/with-routes.ts'
import { withWindows } from './plans/with-windows.ts'
import { seeded } from './random.ts'
import { REDUCER, type Reducer } from './reducer.ts'
import { advance, isTargetOf } from './world/advance.ts'
import { type InFlight, inFlight } from './world/in-flight.ts'
import { addWithoutSignal, outsider, submittedNow } from './world/outsiders.ts'
import { newWorld, turnKind } from './world/world.ts'

export interface Report {
  readonly seed: number
  readonly status: string
  readonly reason: string
  readonly occurrences: number
  readonly handOvers: number
  readonly restarts: number
  readonly ledger: Ledger
}

const RUN_ID = 'run_00000000000000000000000001'

/** After so many occurrences the world turns kind: nothing new comes in, and everything in flight ends. */
const WILD_OCCURRENCES = 120
const MOST_OCCURRENCES = 1_000

/**
 * Plays one run of the reducer against a random world: results in any order, failures, decisions (right, wrong, late and
 * repeated), messages, budgets and what they withhold, top-ups, kill switches, sub-agents, cancels, alarms, hand-overs and
 * restarts. Throws at the first invariant that does not hold.
 *
 * @param queued whether the run has a queue for what others want; left to chance where it is not given
 */
export function simulate(seed: number, reducer: Reducer = REDUCER, queued?: boolean): Report {
  const random = seeded(seed)
  // Of generators of their own: schedules in which nothing is looked up or asked for again, and in which no rule chooses models, are what they would be without them.
  const lookUps = seeded(seed + 1_000_000_007)
  const answers = seeded(seed + 2_000_000_011)
  const compactions = seeded(seed + 3_000_000_019)
  const routes = seeded(seed + 4_000_000_007)
  const demands = seeded(seed + 5_000_000_029)
  const plan = withRoutes(
    routes,
    withWindows(
      compactions,
      withAnswers(answers, withLookUps(lookUps, withDemands(demands, randomPlan(random)))),
    ),
  )
  // The reducer is given as much of it as a workflow is.
  const known = toWorkflowPlan(plan)
  const inputCount = 1 + random.below(3)
  const ledger = newLedger(plan, inputCount)
  const world = newWorld(random, { lookUps, answers, compactions, routes }, queued)
  const scene = { random, plan, ledger, world, reducer, current: () => state }
  let nowMs = 1_000
  let state = initialState(known, RUN_ID, inputCount, nowMs)
  let items: InFlight[] = []
  let handOvers = 0
  let restarts = 0
  let occurrences = 0
  let turns = 0
  /** What the store has of an ended run that can be resumed. */
  let kept: object | null = null

  for (;;) {
    turns += 1
    if (turns > MOST_OCCURRENCES) throw new Error('The run does not end')
    begin()
    if (isClosed()) {
      if (!isFinished(state)) {
        recordLast()
        continue
      }
      if (!mayBeResumed(turns < WILD_OCCURRENCES)) break
      resume()
      continue
    }
    observeRest(ledger, plan, state, items)
    passTime(nowMs + random.below(20))
    // A worker that dies loses nothing but memory: replay gives the same state, and what is in flight goes on.
    if (random.chance(0.05)) {
      reload()
      restarts += 1
    }
    const isWild = turns < WILD_OCCURRENCES
    if (!isWild) turnKind(world)
    const first = next(isWild)
    if (first !== null) take(first)
    // Several things may happen before the workflow looks what to begin.
    if (isWild && world.isQueued && random.chance(0.005)) pileUp()
    while (isWild && random.chance(0.15)) {
      const occurrence = besides()
      if (occurrence !== null && !isClosed()) take(occurrence)
    }
  }
  verdictOnEnd(ledger, state)
  const { status = 'none', reason = 'none' } = state.ending ?? {}
  return { seed, status, reason, occurrences, handOvers, restarts, ledger }

  function take(occurrence: Occurrence): void {
    occurrences += 1
    const before = state
    state = reducer.apply(known, state, occurrence, nowMs)
    observe(ledger, plan, before, occurrence, state, nowMs)
  }

  /** No worker was there for a while: all that was sent meanwhile comes in one task, in the order in which it was sent. */
  function pileUp(): void {
    const isFlood = random.chance(0.01)
    for (let left = isFlood ? 250 : 2 + random.below(12); left > 0; left -= 1) {
      const occurrence = isFlood ? flooding(left) : outsider(random, plan, state, ledger, world, reducer)
      if (occurrence?.type === 'submitted' && !isClosed()) take(occurrence)
    }
  }

  function flooding(number: number): Occurrence {
    const change = { by: 'bob', id: `flood_${number}`, add: { maxTokens: number } }
    const submission = { type: 'budget_change', key: JSON.stringify(change), change } as const
    return submittedNow(plan, state, submission, reducer)
  }

  /** Somebody may be refused even while what was refused last is put on the record. */
  function recordLast(): void {
    const late = random.chance(0.3) ? outsider(random, plan, state, ledger, world, reducer) : null
    if (late?.type === 'submitted' && late.submission.type === 'decision') take(late)
    items = []
    take({ type: 'refusals_noted' })
  }

  function passTime(toMs: number): void {
    observeTime(ledger, items, state.ending !== null, toMs - nowMs)
    nowMs = toMs
  }

  function isClosed(): boolean {
    return state.phase === 'closed'
  }

  function mayBeResumed(wild: boolean): boolean {
    return wild && kept !== null && random.chance(0.5)
  }

  /**
   * Somebody resumes the run a while after its end, with more of a budget or as it is. Before its workflow begins, the store takes
   * messages already; what is sent to the workflow is there before its first task.
   */
  function resume(): void {
    const limits = random.chance(0.3) ? { limits: { ...ledger.budget.limits, ...randomLimits(random) } } : {}
    nowMs += random.below(100_000)
    const before = JSON.parse(JSON.stringify(kept)) as RunState
    for (let left = random.below(3); left > 0; left -= 1) addWithoutSignal(random, ledger)
    const how = { by: 'bob', unread: unreadOf(ledger), ...limits }
    state = reducer.resumeRun(known, before, how, nowMs)
    observeResume(ledger, plan, how, state)
    if (random.chance(0.3)) pileUp()
  }

  function reload(): void {
    state = JSON.parse(JSON.stringify(state)) as RunState
  }

  /** Asked again after every command, as in the workflow, where a command's start may end nothing but may change the rest. */
  function begin(): void {
    for (;;) {
      const commands = reducer.decide(known, state)
      if (commands.length === 0) return
      const handOver = commands.find(({ type }) => type === 'continue_as_new')
      for (const command of handOver ? [] : commands) issue(command)
      if (!handOver) continue
      if (items.length > 0) throw new Error('Hands over while an activity is in flight')
      take({ type: 'issued', command: handOver })
      reload()
      handOvers += 1
    }
  }

  function issue(command: Command): void {
    if (command.type === 'close_run') kept = command.input.resumable ?? null
    if (command.type === 'stop_model' || command.type === 'stop_compaction' || command.type === 'stop_tool') {
      const target = items.find((item) => isTargetOf(command, item.command))
      if (!target) throw new Error(`${command.type} stops nothing`)
      target.stopped = true
    } else {
      items.push(inFlight(command))
    }
    take({ type: 'issued', command })
  }

  function next(wild: boolean): Occurrence | null {
    const alarm = reducer.nextAlarm(known, state)
    // People grow impatient with a run that waits for models.
    if (wild && random.chance(state.models.wait === null ? 0.35 : 0.6)) {
      const occurrence = outsider(random, plan, state, ledger, world, reducer)
      if (occurrence) return occurrence
    }
    if (!wild && ledger.budget.switchedOn.size > 0 && random.chance(0.5)) {
      return { type: 'kill_switch', scope: random.pick([...ledger.budget.switchedOn]), on: false }
    }
    if (items.length > 0 && !(alarm !== null && random.chance(0.05))) return oneGoesOn()
    if (alarm !== null) {
      passTime(Math.max(nowMs, alarm))
      return { type: 'alarm' }
    }
    if (items.length > 0) return oneGoesOn()
    throw new Error('The run waits for nothing')
  }

  function besides(): Occurrence | null {
    if (items.length > 0 && random.chance(0.5)) return oneGoesOn()
    return outsider(random, plan, state, ledger, world, reducer)
  }

  function oneGoesOn(): Occurrence | null {
    const item = random.pick(items)
    const occurrence = advance(scene, item, nowMs)
    if (occurrence !== null && occurrence.type !== 'child_waits') {
      items = items.filter((other) => other !== item)
    }
    return occurrence
  }
}
