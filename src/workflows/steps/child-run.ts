import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  type SignalDefinition,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { withLimits } from '../../contracts/team/child-plan.ts'
import type { AcceptedChild, OpenedChild } from '../../contracts/team/sub-agent.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import {
  AGENT_ATTRIBUTE,
  AGENT_RUN,
  type AgentRun,
  killSwitch,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
  tightenPolicy,
} from '../agent-run.messages.ts'
import { activity } from '../proxies.ts'
import type { Command } from '../state/command.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

type RunChildCommand = Extract<Command, { type: 'run_child' }>
export type ChildHandle = ChildWorkflowHandle<AgentRun>

interface ChildContext {
  readonly run: RunIdentity
  /** Stricter rules of the run so far: its sub-agents are held to them, too. */
  readonly tightened: () => readonly TightenedRule[]
  readonly switchedOff: () => RunState['budget']['switchedOff']
  /** Called with the child's workflow when it has started, and with null when it has ended. */
  readonly onRunning: (child: ChildHandle | null) => void
}

/**
 * Runs one sub-agent, from its share of the budget to its answer. A stop cancels the child's workflow. Its opening and its closing
 * can't be cancelled, so that the rest of its share always returns.
 */
export async function runChild(
  context: ChildContext,
  { index, input }: RunChildCommand,
  summary: string,
): Promise<Occurrence> {
  const { run } = context
  const { childRunId, plan, isLimited, maxToolCalls, step, seq, callId, tool, limits } = input
  // In a list by id the child's workflow stands below its parent's.
  const workflowId = `${workflowInfo().workflowId}/${step}.${index}`
  const opened: OpenedChild = await CancellationScope.nonCancellable(() =>
    activity('openChild', summary).openChild({
      run,
      childRunId,
      workflowId,
      step,
      index,
      arguments: input.arguments,
      ...(plan !== undefined && { plan }),
      ...(isLimited !== undefined && { isLimited }),
      ...(maxToolCalls !== undefined && { maxToolCalls }),
      ...(limits !== undefined && { limits }),
    }),
  )
  if ('withheld' in opened) {
    const { withheld: reached, never } = opened
    return { type: 'child_withheld', index, reached, ...(never && { never }) }
  }
  const start = childStart(plan, opened)
  const { tenant, principal } = run
  const groups = groupsOf(run, start.plan)
  const child: RunIdentity = {
    runId: childRunId,
    tenant,
    principal,
    ...(groups !== undefined && { groups }),
    parentRunId: run.runId,
  }
  await runToEnd(context, workflowId, child, start)
  const closed = await CancellationScope.nonCancellable(() =>
    activity('closeChild', summary).closeChild({ run, childRunId, step, index, seq, callId, tool }),
  )
  return { type: 'child_finished', index, closed }
}

/** The groups that the store has accepted the child with. Absent where there are none. */
function groupsOf({ groups }: RunIdentity, { caller }: WorkflowPlan): RunIdentity['groups'] {
  if (caller === undefined) return groups
  return caller.groups.length > 0 ? caller.groups : undefined
}

interface ChildStart {
  readonly plan: WorkflowPlan
  readonly promptVersion: string
}

/** What the child's workflow is started with: what the activity has planned or, in an older run, the plan of the history with the share. */
function childStart(plan: RunPlan | undefined, { limits, planned }: AcceptedChild): ChildStart {
  if (planned !== undefined) return planned
  if (plan === undefined) throw new Error('A sub-agent was accepted without a plan.')
  return { plan: withLimits(plan, limits), promptVersion: plan.prompt.version }
}

/** Starts the child's workflow and waits for its end, whichever that is: its outcome is in the store. */
async function runToEnd(
  { tightened, switchedOff, onRunning }: ChildContext,
  workflowId: string,
  run: RunIdentity,
  { plan, promptVersion }: ChildStart,
): Promise<void> {
  const known = tightened()
  try {
    const child = await startChild<AgentRun>(AGENT_RUN, {
      workflowId,
      args: [{ run, plan, inputCount: 1, ...(known.length > 0 && { tightened: known }) }],
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${plan.agent.name}, for ${workflowInfo().workflowId}`,
      typedSearchAttributes: [
        { key: TENANT_ATTRIBUTE, value: run.tenant },
        { key: AGENT_ATTRIBUTE, value: plan.agent.name },
        { key: STATUS_ATTRIBUTE, value: 'in_progress' },
        { key: PROMPT_VERSION_ATTRIBUTE, value: promptVersion },
      ],
    })
    onRunning(child)
    // Rules and switches that came while the child was being started.
    for (const rule of tightened().slice(known.length)) await signalChild(child, tightenPolicy, rule)
    for (const scope of switchedOff()) await signalChild(child, killSwitch, { scope, on: true })
    await child.result()
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure) && !isCancellation(error)) throw error
  } finally {
    onRunning(null)
  }
}

export async function signalChild<T>(
  child: ChildHandle,
  signal: SignalDefinition<[T]>,
  message: T,
): Promise<void> {
  try {
    await child.signal(signal, message)
  } catch (error) {
    // The child has ended meanwhile, and needs no signal.
    if (!(error instanceof ApplicationFailure) && !isCancellation(error)) throw error
  }
}
