import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  defineSignal,
  makeContinueAsNewFunc,
  patched,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import type { AgentRunResult } from '../contracts/runs/run.ts'
import {
  type AgentRunInput,
  addMessage,
  approvalDecision,
  budget,
  changeBudget,
  changeBuild,
  childWaits,
  decideApproval,
  killSwitch,
  lookAgain,
  modelsBack,
  runState,
  tightenPolicy,
} from './agent-run.messages.ts'
import { createPresenter } from './present.ts'
import { isFinished } from './state/admission.ts'
import { apply } from './state/apply.ts'
import { decide, stepsTaken } from './state/decide.ts'
import type { Occurrence } from './state/occurrence.ts'
import { resumeRun } from './state/resume.ts'
import { initialState, isBusy, type RunState } from './state/run-state.ts'
import { type FirstInput, upgrade } from './state/upgrade.ts'
import { createAlarm } from './steps/alarm.ts'
import { createBudgetChanges } from './steps/budget-changes.ts'
import { createCommandRunner } from './steps/command-runner.ts'
import { createDecisions } from './steps/decisions.ts'
import { isBudgetChange, isDecision } from './steps/read-message.ts'
import { createReceiver, uncancellable } from './steps/receive-signal.ts'
import { createParentSignal } from './steps/signal-parent.ts'
import { createSubmissions, toBudgetSubmission, toDecisionSubmission } from './steps/submissions.ts'

const SIGNALS = [
  addMessage,
  tightenPolicy,
  killSwitch,
  lookAgain,
  modelsBack,
  childWaits,
  budget,
  changeBuild,
] as const

/**
 * One run of an agent. The plan says what the run may do, and the reducer (`state/`) what it does next; this function only turns
 * commands into Temporal's and reports their ends to the reducer. It knows no agent.
 */
export async function agentRun(given: AgentRunInput | FirstInput): Promise<AgentRunResult> {
  const input = upgrade(given)
  const { run, plan } = input
  let state = firstState(input)
  let changed = true
  let fatalError: unknown = null
  /** An update may have been answered since the last hand-over was considered. */
  let answered = false
  /** The run was asked to leave the build that it is on. */
  let changesBuild = false
  /** Nothing is in flight, and the execution waits for its handlers to end. */
  let handingOver = false

  function report(occurrence: Occurrence): void {
    const rules = state.tightened.length
    state = apply(plan, state, occurrence, Date.now())
    changed = true
    for (const rule of state.tightened.slice(rules)) runner.signalChildren(tightenPolicy, rule)
  }
  const present = createPresenter(plan)
  const signalParent = createParentSignal(run, input.carried !== undefined)
  const alarm = createAlarm(() => report({ type: 'alarm' }))
  const current = () => state
  const runner = createCommandRunner(run, plan, current, report, (error) => {
    fatalError ??= error
    changed = true
  })

  // Runs of 0.1.0 accepted unsigned decisions. Those stay; decisions that reach such a run from now on need a signature.
  const needsSignature = () => given.plan.format !== 1 || patched('signed-decisions')
  // Runs of before format 3 had no queue. They use it for all messages from now on.
  const isQueued = () => plan.format >= 3 || patched('admission-queue')
  const decisions = createDecisions({ needsSignature, run, plan, state: current, report })
  const budgetChanges = createBudgetChanges({ run, plan, state: current, report })
  const submissions = createSubmissions({
    run,
    plan,
    state: current,
    report,
    isHandingOver: () => handingOver,
  })
  const receive = createReceiver({
    plan,
    state: current,
    report,
    runner,
    isQueued,
    submissions,
    decisions,
    budgetChanges,
    changeBuild({ from }) {
      // Temporal's own word, `targetWorkerDeploymentVersionChanged`, is yes in every task that is handed out with the answer to the one before.
      if (workflowInfo().currentDeploymentVersion?.buildId !== from) return
      changesBuild = true
      changed = true
    },
  })

  // Messages. Temporal delivers those that came before the first task inside `setHandler`, so all that a handler uses stands above.
  setHandler(runState, () => state)
  // Without a default handler, early signals would come in the order of the `setHandler` calls, and unknown ones be kept for ever.
  if (plan.format >= 3) setDefaultSignalHandler(receive)
  for (const { name } of SIGNALS)
    setHandler(defineSignal<[unknown]>(name), (message) => receive(name, message))
  setHandler(
    changeBudget,
    async (change) => {
      const problem = await uncancellable(async () => {
        const submission = isQueued() ? toBudgetSubmission(change) : null
        const refused = submission
          ? (await submissions.submitAndWait(submission)).problem
          : await budgetChanges.accept(change)
        return refused ?? (await budgetChanges.whenRecorded())
      })
      answered = true
      if (problem !== null) refuse(problem)
      return state.budget.limits
    },
    {
      validator: (change) => {
        const problem = isBudgetChange(change)
          ? submissions.findRefusal(toBudgetSubmission(change), 'budget_change_invalid')
          : 'invalid_request'
        if (problem !== null) refuse(problem)
      },
    },
  )
  setHandler(approvalDecision, (decision) => receive(approvalDecision.name, decision))
  setHandler(
    decideApproval,
    async (decision) => {
      const { problem, status } = await uncancellable(async () => {
        const submission = isQueued() ? toDecisionSubmission(decision) : null
        const answer = submission
          ? await submissions.submitAndWait(submission)
          : await decisions.acceptAndAnswer(decision)
        return answer.problem === null
          ? { ...answer, problem: await decisions.whenRecorded(decision) }
          : answer
      })
      answered = true
      if (problem !== null) refuse(problem)
      return { status: status ?? 'pending' }
    },
    {
      validator: (decision) => {
        const problem = isDecision(decision)
          ? submissions.findRefusal(toDecisionSubmission(decision), 'edited_arguments_invalid')
          : 'invalid_request'
        if (problem !== null) refuse(problem)
      },
    },
  )
  CancellationScope.current().cancelRequested.catch(() => report({ type: 'cancel_requested' }))

  // Story. The reducer decides what a cancel stops, and when, so the scope itself can't be cancelled.
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      changed = false
      if (isDueForHandOver()) report({ type: 'hand_over_suggested' })
      for (const command of decide(plan, state)) {
        if (command.type === 'continue_as_new') await handOver()
        else {
          report({ type: 'issued', command })
          runner.begin(command)
        }
      }
      alarm.set(plan, state)
      present(state)
      signalParent(state)
      if (isFinished(state)) break
      await condition(() => changed)
      if (fatalError !== null) throw fatalError
    }
    await condition(allHandlersFinished)
    return result()
  })

  // Long runs
  function isDueForHandOver(): boolean {
    const { continueAsNewSuggested, historyLength, historySize } = workflowInfo()
    const due =
      changesBuild ||
      continueAsNewSuggested ||
      historyLength > plan.limits.historyEvents ||
      historySize > plan.limits.historyBytes
    return due && !state.handOver && state.ending === null
  }

  /**
   * Hands over to a fresh execution, which begins on the build that new runs begin on. Nothing is in flight here. Where a message that comes meanwhile needs something to be done,
   * this returns, and the story goes on first.
   */
  async function handOver(): Promise<void> {
    handingOver = true
    const isNeeded = () => isBusy(state) || decide(plan, state).some(({ type }) => type !== 'continue_as_new')
    do {
      // A handler may wait for the story in its turn: it answers a decision once that is on the record.
      await condition(() => allHandlersFinished() || isNeeded())
      // A server may lose the answer of an update that ends in the task that hands over, so the answer gets a task of its own. Only
      // where there was an update: a server's timer can be a second late.
      if (answered) await sleep(1)
      answered = false
      if (isNeeded()) {
        handingOver = false
        return
      }
    } while (!allHandlersFinished())
    const carried = apply(plan, state, { type: 'issued', command: { type: 'continue_as_new' } }, Date.now())
    const { resumed: _, ...rest } = input
    await makeContinueAsNewFunc<typeof agentRun>({ initialVersioningBehavior: 'AUTO_UPGRADE' })({
      ...rest,
      carried,
    })
  }

  function result(): AgentRunResult {
    const { status, reason, error } = state.ending ?? { status: 'failed' }
    if (status === 'cancelled') throw new CancelledFailure('The run was cancelled')
    if (status === 'failed') throw failure(error ?? 'internal')
    return { status, ...(reason !== undefined && { reason }), steps: stepsTaken(state), usage: state.usage }
  }
}

function firstState({ run, plan, inputCount, tightened = [], carried, resumed }: AgentRunInput): RunState {
  if (carried !== undefined && resumed !== undefined) return resumeRun(plan, carried, resumed, Date.now())
  if (carried !== undefined) return carried
  return { ...initialState(plan, run.runId, inputCount, Date.now()), tightened }
}

function refuse(code: ErrorCode): never {
  throw failure(code)
}

function failure(code: ErrorCode): ApplicationFailure {
  return ApplicationFailure.nonRetryable(ERROR_CODES[code].text, code)
}
