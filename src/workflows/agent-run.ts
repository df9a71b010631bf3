import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineSignal,
  patched,
  setDefaultSignalHandler,
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
import { isFinished } from './state/admission.ts'
import { apply } from './state/apply.ts'
import { decide, stepsTaken } from './state/decide.ts'
import type { Occurrence } from './state/occurrence.ts'
import { resumeRun as goOn } from './state/resume.ts'
import { initialState, isBusy, type RunState } from './state/run-state.ts'
import { type FirstInput, upgrade } from './state/upgrade.ts'
import { createAlarm } from './steps/alarm.ts'
import { createCommandRunner } from './steps/command-runner.ts'
import { createDecisions } from './steps/decisions.ts'
import { isBudgetChange, isDecision } from './steps/read-message.ts'
import { createReceiver, undisturbed } from './steps/receive-signal.ts'
import { createParentSignal } from './steps/signal-parent.ts'
import { createSubmissions, toBudgetSubmission, toDecisionSubmission } from './steps/submissions.ts'
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
  /** Nothing is in flight, and the execution waits for its handlers to end. */
  let handingOver = false

  function take(occurrence: Occurrence): void {
    const rules = state.tightened.length
    state = apply(plan, state, occurrence, Date.now())
    changed = true
    for (const rule of state.tightened.slice(rules)) runner.signalChildren(tightenPolicy, rule)
  }
  const present = createPresenter(plan)
  const signalParent = createParentSignal(run, input.carried !== undefined)
  const alarm = createAlarm(() => take({ type: 'alarm' }))
  const current = () => state
  const runner = createCommandRunner(run, plan, current, take, (error) => {
    broken ??= error
    changed = true
  })

  // What 0.1.0 took in unsigned stays; whatever comes to one of its runs from now on is asked for its signature.
  const isAsked = () => given.plan.format !== 1 || patched('signed-decisions')
  // A run from before there was a queue takes in by it whatever comes from now on.
  const isQueued = () => plan.format >= 3 || patched('admission-queue')
  const decisions = createDecisions({ isAsked, run, plan, state: current, take })
  const topUps = createTopUps({ run, plan, state: current, take })
  const submissions = createSubmissions({ run, plan, state: current, take, isHandingOver: () => handingOver })
  const receive = createReceiver({
    plan,
    state: current,
    take,
    runner,
    isQueued,
    submissions,
    decisions,
    topUps,
  })

  // Messages. What has come before the first task is handled within `setHandler`: all that a handler uses is above.
  setHandler(runState, () => state)
  // Signals that wait for a handler of their name would be handled in the order of the names, and unknown ones kept for ever.
  if (plan.format >= 3) setDefaultSignalHandler(receive)
  for (const { name } of [addMessage, tightenPolicy, killSwitch, lookAgain, childWaits, budget]) {
    setHandler(defineSignal<[unknown]>(name), (message) => receive(name, message))
  }
  setHandler(
    changeBudget,
    async (change) => {
      const problem = await undisturbed(async () => {
        const submission = isQueued() ? toBudgetSubmission(change) : null
        const refused = submission
          ? (await submissions.submitted(submission)).problem
          : await topUps.accept(change)
        return refused ?? (await topUps.settled())
      })
      answered = true
      if (problem !== null) refuse(problem)
      return state.budget.limits
    },
    {
      validator: (change) => {
        const problem = isBudgetChange(change)
          ? submissions.refusal(toBudgetSubmission(change), 'budget_change_invalid')
          : 'invalid_request'
        if (problem !== null) refuse(problem)
      },
    },
  )
  setHandler(approvalDecision, (decision) => receive(approvalDecision.name, decision))
  setHandler(
    decideApproval,
    async (decision) => {
      const { problem, status } = await undisturbed(async () => {
        const submission = isQueued() ? toDecisionSubmission(decision) : null
        const answer = submission
          ? await submissions.submitted(submission)
          : await decisions.acceptAndAnswer(decision)
        return answer.problem === null ? { ...answer, problem: await decisions.settled(decision) } : answer
      })
      answered = true
      if (problem !== null) refuse(problem)
      return { status: status ?? 'pending' }
    },
    {
      validator: (decision) => {
        const problem = isDecision(decision)
          ? submissions.refusal(toDecisionSubmission(decision), 'edited_arguments_invalid')
          : 'invalid_request'
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
          runner.begin(command)
        }
      }
      alarm.set(plan, state)
      present(state)
      signalParent(state)
      if (isFinished(state)) break
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
    handingOver = true
    const isNeeded = () => isBusy(state) || decide(plan, state).some(({ type }) => type !== 'continue_as_new')
    do {
      // A handler may wait for the story in its turn: a decision that has been admitted meanwhile is to be recorded.
      await condition(() => allHandlersFinished() || isNeeded())
      // A server may lose the answer of an update that ends in the very task that hands over, so it gets a task of its own.
      // Not every time: a server's timers are up to a second late.
      if (answered) await sleep(1)
      answered = false
      if (isNeeded()) {
        handingOver = false
        return
      }
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

function refuse(code: ErrorCode): never {
  throw failure(code)
}

function failure(code: ErrorCode): ApplicationFailure {
  return ApplicationFailure.nonRetryable(ERROR_CODES[code].text, code)
}
