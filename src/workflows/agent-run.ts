import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import type { AgentRunResult } from '../contracts/run.ts'
import {
  type AgentRunInput,
  addMessage,
  approvalDecision,
  budget,
  changeBudget,
  childWaits,
  decideApproval,
  killSwitch,
  lookAgain,
  runState,
  tightenPolicy,
} from './agent-run.messages.ts'
import { createPresenter } from './present.ts'
import { apply } from './state/apply.ts'
import { checkDecision } from './state/check-decision.ts'
import { childIndex } from './state/children.ts'
import { decide, stepsTaken } from './state/decide.ts'
import type { Occurrence } from './state/occurrence.ts'
import { resumed as goOn } from './state/resume.ts'
import { initialState, isBusy, type RunState } from './state/run-state.ts'
import { speakerOf } from './state/speaker.ts'
import { type FirstInput, upgrade } from './state/upgrade.ts'
import { createAlarm } from './steps/alarm.ts'
import { createCarrier } from './steps/carry-out.ts'
import { createDecisions } from './steps/decisions.ts'
import {
  isAddMessage,
  isBudgetChange,
  isChildWaits,
  isDecision,
  isKillSwitch,
  isTightenedRule,
} from './steps/read-message.ts'
import { createParentTeller } from './steps/tell-parent.ts'
import { createTopUps } from './steps/top-ups.ts'

/**
 * One run of an agent. The plan says what it may do, the reducer (`state/`) what to do next; this function only carries
 * commands to Temporal and brings back what came of them. It knows no agent.
 */
export async function agentRun(given: AgentRunInput | FirstInput): Promise<AgentRunResult> {
  const input = upgrade(given)
  const { run, plan } = input
  let state = begin(input)
  let changed = true
  let broken: unknown = null
  /** An update may have been answered in this task. */
  let answered = false

  function take(occurrence: Occurrence): void {
    state = apply(plan, state, occurrence, Date.now())
    changed = true
  }
  const present = createPresenter(plan)
  const tellParent = createParentTeller(run, input.carried !== undefined)
  const alarm = createAlarm(() => take({ type: 'alarm' }))
  const current = () => state
  const carrier = createCarrier(run, plan, current, take, (error) => {
    broken ??= error
    changed = true
  })

  // What 0.1.0 took in unsigned stays; whatever comes to one of its runs from now on is asked for its signature.
  const isAsked = () => given.plan.format !== 1 || patched('signed-decisions')
  const decisions = createDecisions({ isAsked, run, plan, state: current, take })
  const topUps = createTopUps({ run, plan, state: current, take })

  // Messages. What has come before the first task is handled within `setHandler`: all that a handler uses is above.
  setHandler(runState, () => state)
  setHandler(addMessage, (message) => {
    if (isAddMessage(message)) take({ type: 'message_added', id: message.id })
  })
  setHandler(tightenPolicy, (rule) => {
    if (!isTightenedRule(rule)) return
    take({ type: 'policy_tightened', rule })
    carrier.tellChildren(tightenPolicy, rule)
  })
  setHandler(killSwitch, (message) => {
    if (!isKillSwitch(message)) return
    const { scope, on, agent } = message
    const agents = [plan.agent.name, speakerOf(plan, state).agent.name]
    // A run that waits for a specialist's switch may be another's now.
    if (agent !== undefined && !agents.includes(agent)) return take({ type: 'look_again' })
    take({ type: 'kill_switch', scope, on })
    carrier.tellChildren(killSwitch, { scope, on })
  })
  setHandler(lookAgain, () => take({ type: 'look_again' }))
  setHandler(childWaits, (message) => {
    const index = isChildWaits(message) ? childIndex(state, message.runId) : -1
    if (index >= 0) take({ type: 'child_waits', index, waits: message.waits })
  })
  setHandler(budget, async (change) => {
    if (isBudgetChange(change)) await undisturbed(() => topUps.accept(change))
  })
  setHandler(
    changeBudget,
    async (change) => {
      const problem = await undisturbed(async () => (await topUps.accept(change)) ?? (await topUps.settled()))
      answered = true
      if (problem !== null) refuse(problem)
      return state.budget.limits
    },
    {
      validator: (change) => {
        const problem = isBudgetChange(change) ? topUps.check(change) : 'invalid_request'
        if (problem !== null) refuse(problem)
      },
    },
  )
  setHandler(approvalDecision, async (decision) => {
    if (!isDecision(decision)) return
    await undisturbed(async () => {
      const problem = await decisions.accept(decision)
      if (problem !== null) await decisions.recordRefusal(decision, problem)
    })
  })
  setHandler(
    decideApproval,
    async (decision) => {
      const problem = await undisturbed(async () => {
        const refused = await decisions.accept(decision)
        // On the record even where it is not the API that asks: it looked like a decision until its arguments were read.
        if (refused === 'edited_arguments_invalid') await decisions.recordRefusal(decision, refused)
        return refused ?? (await decisions.settled(decision))
      })
      answered = true
      if (problem !== null) refuse(problem)
      return { status: decisions.statusOf(decision.approvalId) }
    },
    {
      validator: (decision) => {
        const problem = isDecision(decision) ? checkDecision(plan, run, state, decision) : 'invalid_request'
        if (problem !== null) refuse(problem)
      },
    },
  )
  CancellationScope.current().cancelRequested.catch(() => take({ type: 'cancel_requested' }))

  // Story. A cancel reaches the reducer above; what it stops, and when, is for the reducer to say.
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      changed = false
      if (isDueForHandOver()) take({ type: 'hand_over_suggested' })
      for (const command of decide(plan, state)) {
        if (command.type === 'continue_as_new') await handOver()
        else {
          take({ type: 'issued', command })
          carrier.begin(command)
        }
      }
      alarm.set(plan, state)
      present(state)
      tellParent(state)
      if (state.phase === 'closed') break
      await condition(() => changed)
      if (broken !== null) throw broken
    }
    await condition(allHandlersFinished)
    return result()
  })

  // Long runs
  function isDueForHandOver(): boolean {
    const { continueAsNewSuggested, historyLength, historySize } = workflowInfo()
    const due =
      continueAsNewSuggested ||
      historyLength > plan.limits.historyEvents ||
      historySize > plan.limits.historyBytes
    return due && !state.handOver && state.ending === null
  }

  /** Nothing is in flight here. What comes in meanwhile is looked at before the execution changes; returns if it matters. */
  async function handOver(): Promise<void> {
    const isNeeded = () => isBusy(state) || decide(plan, state).some(({ type }) => type !== 'continue_as_new')
    do {
      // A handler may wait for the story in its turn: a decision that has been admitted meanwhile is to be recorded.
      await condition(() => allHandlersFinished() || isNeeded())
      // A server may lose the answer of an update that ends in the very task that hands over, so it gets a task of its own.
      // Not every time: a server's timers are up to a second late.
      if (answered) await sleep(1)
      answered = false
      if (isNeeded()) return
    } while (!allHandlersFinished())
    const carried = apply(plan, state, { type: 'issued', command: { type: 'continue_as_new' } }, Date.now())
    const { resumed: _, ...rest } = input
    await continueAsNew<typeof agentRun>({ ...rest, carried })
  }

  function result(): AgentRunResult {
    const { status, reason, error } = state.ending ?? { status: 'failed' }
    if (status === 'cancelled') throw new CancelledFailure('The run was cancelled')
    if (status === 'failed') throw failure(error ?? 'internal')
    return { status, ...(reason !== undefined && { reason }), steps: stepsTaken(state), usage: state.usage }
  }
}

function begin({ run, plan, inputCount, tightened = [], carried, resumed }: AgentRunInput): RunState {
  if (carried !== undefined && resumed !== undefined) return goOn(plan, carried, resumed, Date.now())
  if (carried !== undefined) return carried
  return { ...initialState(plan, run.runId, inputCount, Date.now()), tightened }
}

/** A cancel is the reducer's to hear. In a handler it would be a failure, and that of a signal's ends the workflow at once. */
function undisturbed<T>(handle: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(handle)
}

function refuse(code: ErrorCode): never {
  throw failure(code)
}

function failure(code: ErrorCode): ApplicationFailure {
  return ApplicationFailure.nonRetryable(ERROR_CODES[code].text, code)
}
