import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  type SignalDefinition,
  TemporalFailure,
} from '@temporalio/workflow'
import { ERROR_CODES, type ErrorCode } from '../../contracts/error-codes.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { activity, openRunActivity, toolActivity } from '../proxies.ts'
import type { Command } from '../state/command.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'
import { admit } from './admit.ts'
import { type ChildHandle, runChild, signalChild } from './child-run.ts'
import { summaryOf } from './summary.ts'

/** Carries out commands by Temporal and reports their ends. */
export interface CommandRunner {
  /** Begins a command; its end is given to `report`. A stop cancels the activity that it names. */
  begin(command: Command): void
  /** Passes a signal on to the sub-agents that run now. */
  signalChildren<T>(signal: SignalDefinition<[T]>, message: T): void
}

/**
 * @param report gets the occurrences, at most one for each command
 * @param fail gets a failure that the run can't go on from: its bookkeeping has failed for good
 */
export function createCommandRunner(
  run: RunIdentity,
  plan: WorkflowPlan,
  current: () => RunState,
  report: (occurrence: Occurrence) => void,
  fail: (error: unknown) => void,
): CommandRunner {
  const inFlight = new Map<string, CancellationScope>()
  const children = new Map<number, ChildHandle>()

  /** Runs `work` in a scope of its own, so that a stop reaches just this activity. */
  function track(key: string, work: () => Promise<Occurrence>, stopped: Occurrence): void {
    const scope = new CancellationScope({ cancellable: true })
    inFlight.set(key, scope)
    scope
      .run(work)
      .catch((error: unknown) => {
        if (isCancellation(error)) return stopped
        throw error
      })
      .then(report)
      .catch(fail)
      .finally(() => inFlight.delete(key))
  }

  function begin(command: Command): void {
    const summary = summaryOf(command)
    switch (command.type) {
      case 'open_run':
        openRunActivity(
          plan,
          summary,
        )({ run, plan })
          .then((opened) => report({ type: 'run_opened', ...opened }))
          .catch(fail)
        break
      case 'request_approval':
        record(activity('requestApproval', summary).requestApproval({ run, ...command.input }), {
          type: 'approval_recorded',
          index: command.index,
        })
        break
      case 'record_progress':
        record(activity('recordProgress', summary).recordProgress({ run, ...command.input }), {
          type: 'progress_recorded',
          index: command.index,
        })
        break
      case 'record_decision':
        activity('recordDecision', summary)
          .recordDecision({ run, ...command.input })
          .then((recorded) => {
            const refused = recorded?.refused !== undefined
            report({ type: 'decision_recorded', index: command.index, ...(refused && { refused }) })
          })
          .catch(fail)
        break
      case 'record_budget':
        record(activity('recordBudget', summary).recordBudget({ run, ...command.input }), {
          type: 'budget_noted',
        })
        break
      case 'record_model_wait':
        record(activity('recordModelWait', summary).recordModelWait({ run, ...command.input }), {
          type: 'model_wait_noted',
        })
        break
      case 'admit':
        admit(plan, run, current, command.submission, summary)
          // The activity has failed for good. The submission is refused, so that those behind it have their turn.
          .catch((error: unknown) => {
            // Throws what is no failure of an activity.
            codeOf(error)
            return { problem: 'unavailable' as const }
          })
          .then((admission) => report({ type: 'admission', ...admission }))
          .catch(fail)
        break
      case 'record_refusals':
        record(activity('recordRefusals', summary).recordRefusals({ run, ...command.input }), {
          type: 'refusals_noted',
        })
        break
      case 'run_child': {
        const { index } = command
        const context = {
          run,
          tightened: () => current().tightened,
          switchedOff: () => current().budget.switchedOff,
          onRunning(child: ChildHandle | null) {
            if (child === null) children.delete(index)
            else children.set(index, child)
          },
        }
        track(`tool/${index}`, () => runChild(context, command, summary), { type: 'tool_stopped', index })
        break
      }
      case 'note_results':
        record(activity('noteToolResults', summary).noteToolResults({ run, ...command.input }), {
          type: 'results_noted',
          indexes: command.input.notes.map(({ index }) => index),
        })
        break
      case 'close_run':
        activity('closeRun', summary)
          .closeRun({ run, ...command.input })
          .then(({ unread }) => report({ type: 'run_closed', unread }))
          .catch(fail)
        break
      case 'call_model':
        track('model', () => callModel(command, summary), { type: 'model_stopped' })
        break
      case 'compact':
        track('context', () => compact(command, summary), { type: 'compaction_stopped' })
        break
      case 'choose_route':
        track('model', () => chooseRoute(command, summary), { type: 'model_stopped' })
        break
      case 'look_up_call': {
        const { index } = command.input
        track(`tool/${index}`, () => lookUp(command, summary), { type: 'tool_stopped', index })
        break
      }
      case 'run_tool': {
        const { index } = command.input
        track(`tool/${index}`, () => runTool(command, summary), { type: 'tool_stopped', index })
        break
      }
      case 'stop_model':
        inFlight.get('model')?.cancel()
        break
      case 'stop_compaction':
        inFlight.get('context')?.cancel()
        break
      case 'stop_tool':
        inFlight.get(`tool/${command.index}`)?.cancel()
        break
      case 'continue_as_new':
        throw new Error('Handing over is not an activity')
    }
  }

  function record(done: Promise<void>, occurrence: Occurrence): void {
    done.then(() => report(occurrence)).catch(fail)
  }

  async function callModel(
    { input }: Extract<Command, { type: 'call_model' }>,
    summary: string,
  ): Promise<Occurrence> {
    try {
      const { callModel } = activity('callModel', summary)
      const answer = await callModel({ run, ...input })
      if ('withheld' in answer) {
        const asked = input.budget?.limits ?? {}
        return { type: 'model_withheld', reached: answer.withheld, asked }
      }
      if ('tooLong' in answer) return { type: 'model_too_long' }
      return { type: 'model_answered', decision: answer }
    } catch (error) {
      if (isCancellation(error) || isRefused(error)) throw error
      return { type: 'model_failed', code: codeOf(error) ?? 'model_timed_out' }
    }
  }

  async function compact(
    { input }: Extract<Command, { type: 'compact' }>,
    summary: string,
  ): Promise<Occurrence> {
    try {
      const compaction = await activity('compactTranscript', summary).compactTranscript({ run, ...input })
      return { type: 'compacted', compaction }
    } catch (error) {
      if (isCancellation(error) || isRefused(error)) throw error
      // Throws what is no failure of an activity.
      codeOf(error)
      return { type: 'compacted', compaction: { unchanged: true } }
    }
  }

  async function chooseRoute(
    { input }: Extract<Command, { type: 'choose_route' }>,
    summary: string,
  ): Promise<Occurrence> {
    try {
      return {
        type: 'route_chosen',
        choice: await activity('chooseRoute', summary).chooseRoute({ run, ...input }),
      }
    } catch (error) {
      if (isCancellation(error) || isRefused(error)) throw error
      // Throws what is no failure of an activity. The agent's own models are there in any case.
      codeOf(error)
      return { type: 'route_chosen', choice: { route: null, rule: null } }
    }
  }

  async function lookUp(
    { input }: Extract<Command, { type: 'look_up_call' }>,
    summary: string,
  ): Promise<Occurrence> {
    const { index } = input
    try {
      const lookUp = await activity('lookUpCall', summary).lookUpCall({ run, ...input })
      return { type: 'call_looked_up', index, found: 'found' in lookUp ? lookUp.found : null }
    } catch (error) {
      if (isCancellation(error) || isRefused(error)) throw error
      // Throws what is no failure of an activity.
      codeOf(error)
      return { type: 'look_up_failed', index }
    }
  }

  async function runTool(
    { input }: Extract<Command, { type: 'run_tool' }>,
    summary: string,
  ): Promise<Occurrence> {
    const { index } = input
    try {
      const tool = plannedTool(plan, input.tool.name)
      // The answer's tool calls have the model's arguments in history already; an edit's are not there. A local activity has no input in
      // history.
      const given = tool.execution === 'local' || input.edited ? input : { ...input, arguments: null }
      return {
        type: 'tool_finished',
        index,
        outcome: await toolActivity(plan, tool, summary)({ run, ...given }),
      }
    } catch (error) {
      if (isCancellation(error) || isRefused(error)) throw error
      const code = error instanceof TemporalFailure ? codeOf(error) : null
      return { type: 'tool_failed', index, ...(code !== null && { code }) }
    }
  }

  function signalChildren<T>(signal: SignalDefinition<[T]>, message: T): void {
    for (const child of children.values()) signalChild(child, signal, message).catch(fail)
  }

  return { begin, signalChildren }
}

/** Whether the store knows no such run or call: this is not the run's own workflow, so it must not go on. */
function isRefused(error: unknown): boolean {
  // Temporal throws the failure of a local activity as it is.
  const cause = error instanceof ActivityFailure ? error.cause : error
  const code = cause instanceof ApplicationFailure ? cause.type : null
  return code === 'run_not_accepted' || code === 'call_not_authorised'
}

/** The code of an activity's failure; null for a timeout, which has none. Throws any error that is no failure of Temporal's. */
function codeOf(error: unknown): ErrorCode | null {
  if (!(error instanceof TemporalFailure)) throw error
  // Temporal wraps the failure of an ordinary activity, and throws that of a local one as it is.
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof ApplicationFailure && cause.type && cause.type in ERROR_CODES)
    return cause.type as ErrorCode
  return null
}
