import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
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
  decideApproval,
  runState,
} from './agent-run.messages.ts'
import { createPresenter } from './present.ts'
import { apply } from './state/apply.ts'
import { checkDecision, findCall } from './state/check-decision.ts'
import { decide } from './state/decide.ts'
import type { Occurrence } from './state/occurrence.ts'
import { initialState, isBusy } from './state/run-state.ts'
import { createAlarm } from './steps/alarm.ts'
import { createCarrier } from './steps/carry-out.ts'
import { isAddMessage, isDecision } from './steps/read-message.ts'

/**
 * One run of an agent. The plan says what it may do, the reducer (`state/`) what to do next; this function only carries
 * commands to Temporal and brings back what came of them. It knows no agent.
 */
export async function agentRun(input: AgentRunInput): Promise<AgentRunResult> {
  const { run, plan } = input
  let state = input.carried ?? initialState(run.runId, input.inputCount, Date.now())
  let changed = true
  let broken: unknown = null
  /** An update may have been answered in this task. */
  let answered = false

  function take(occurrence: Occurrence): void {
    state = apply(plan, state, occurrence, Date.now())
    changed = true
  }
  const stageOf = (approvalId: string): string => findCall(state, approvalId)?.stage ?? 'done'
  const present = createPresenter(plan)
  const alarm = createAlarm(() => take({ type: 'alarm' }))
  const carrier = createCarrier(run, plan, take, (error) => {
    broken ??= error
    changed = true
  })

  // Messages. What has come before the first task is handled within `setHandler`: all that a handler uses is above.
  setHandler(runState, () => state)
  setHandler(addMessage, (message) => {
    if (isAddMessage(message)) take({ type: 'message_added', id: message.id })
  })
  setHandler(approvalDecision, (decision) => {
    if (isDecision(decision) && checkDecision(state, decision) === null)
      take({ type: 'approval_decided', decision })
  })
  setHandler(
    decideApproval,
    async (decision) => {
      take({ type: 'approval_decided', decision })
      const outcome = findCall(state, decision.approvalId)?.approval?.outcome ?? refuse('not_found')
      // The caller hears of it when it is on the record, so that what it reads next agrees.
      await condition(() => state.ending !== null || !PENDING.has(stageOf(decision.approvalId)))
      answered = true
      if (PENDING.has(stageOf(decision.approvalId))) refuse('run_ended')
      return outcome
    },
    {
      validator: (decision) => {
        const problem = isDecision(decision) ? checkDecision(state, decision) : 'invalid_request'
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
    do {
      await condition(allHandlersFinished)
      // A server may lose the answer of an update that ends in the very task that hands over, so it gets a task of its own.
      // Not every time: a server's timers are up to a second late.
      if (answered) await sleep(1)
      answered = false
      if (isBusy(state) || decide(plan, state).some(({ type }) => type !== 'continue_as_new')) return
    } while (!allHandlersFinished())
    const carried = apply(plan, state, { type: 'issued', command: { type: 'continue_as_new' } }, Date.now())
    await continueAsNew<typeof agentRun>({ ...input, carried })
  }

  function result(): AgentRunResult {
    const { status, reason, error } = state.ending ?? { status: 'failed' }
    if (status === 'cancelled') throw new CancelledFailure('The run was cancelled')
    if (status === 'failed') throw failure(error ?? 'internal')
    return { status, ...(reason !== undefined && { reason }), steps: state.step, usage: state.usage }
  }
}

/** Stages of a call whose decision is not on the record yet. */
const PENDING: ReadonlySet<string> = new Set(['asking', 'waiting', 'decided', 'recording'])

function refuse(code: ErrorCode): never {
  throw failure(code)
}

function failure(code: ErrorCode): ApplicationFailure {
  return ApplicationFailure.nonRetryable(ERROR_CODES[code].text, code)
}
