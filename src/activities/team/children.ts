import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Json } from '../../contracts/json.ts'
import { callingAgent } from '../../contracts/runs/agents-of-plan.ts'
import type { ToolMessage } from '../../contracts/runs/message.ts'
import { isTerminal, type RunIdentity } from '../../contracts/runs/run.ts'
import { toWorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { withLimits } from '../../contracts/team/child-plan.ts'
import type { CloseChildInput, OpenChildInput } from '../../contracts/team/sub-agent.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import { MIN_CHILD_SHARE } from '../../policies/budgets.ts'
import { SIZES } from '../../policies/limits.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import { findRun } from '../../store/runs/runs.ts'
import { closeChild } from '../../store/team/close-child.ts'
import { openChild } from '../../store/team/open-child.ts'
import { findStoredCall } from '../../store/tools/authorised-call.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import { recordEnd } from '../../telemetry/record-end.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import { subAgentSpanId } from '../../telemetry/traces/span-ids.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { resultPreview } from '../preview.ts'
import type { AcceptedRun, Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { errorMessage, resultMessage } from '../tool-message.ts'
import { findPlannedChild } from './find-planned-child.ts'

type Children = Held<'openChild' | 'closeChild'>

/** The two ends of a sub-agent's run, as the store has them. */
export function createChildren({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Children {
  return {
    async openChild(input: OpenChildInput, accepted: AcceptedRun) {
      const { run, step, index } = input
      const call = await findStoredCall(database, { run, step, index, again: 0 })
      const plan =
        accepted.plan === null ? input.plan : findPlannedChild(accepted.plan, accepted, call, input)
      if (plan === undefined) throw new Forged('other_plan')
      const args = call?.arguments
      const task = args?.['task']
      if (args === undefined || typeof task !== 'string')
        throw failure('openChild', 'tool_arguments_mismatch')
      const argumentsSha256 = canonicalSha256(args)
      const opened = await openChild(database, {
        ...input,
        plan,
        task,
        argumentsSha256,
        trace: traceOfChild(input),
        least: MIN_CHILD_SHARE,
      })
      if (opened === 'ended') throw failure('openChild', 'run_ended', { final: true })
      if ('withheld' in opened || input.plan !== undefined) return opened
      const started = toWorkflowPlan(withLimits(plan, opened.limits))
      return { ...opened, planned: { plan: started, promptVersion: plan.prompt.version } }
    },

    async closeChild(input: CloseChildInput, { plan }: AcceptedRun) {
      const child = await ended(input)
      const { closed, answered, handedBy } = await closeChild(database, {
        ...input,
        ...answerOf(child, input),
      })
      if (answered) {
        const { run, step, index, tool } = input
        const about = { run: toFactRun(run), agent: callingAgent(plan, handedBy), step, index, tool }
        telemetry.record({ type: 'sub_agent.ended', ...about, ...endOf(child) })
      }
      return closed
    },
  }

  /** A workflow closes its run before itself. Where it could not, somebody has ended it from outside. */
  async function ended({ run, childRunId }: CloseChildInput): Promise<RunRow> {
    const child = await find(run, childRunId)
    if (isTerminal(child.status)) return child
    const close = {
      run: { runId: childRunId, tenant: run.tenant, principal: run.principal, parentRunId: run.runId },
      status: 'cancelled',
      reason: 'terminated',
      steps: child.steps,
      approvals: [],
      failedHops: [],
    } as const
    const { ended } = await closeRun(database, close)
    const identity = { ...close.run, trace: runTraceOf(child.id, child) }
    if (ended !== null) recordEnd(telemetry, { ...close, run: identity }, ended, child.plan)
    return find(run, childRunId)
  }

  async function find({ runId, tenant }: RunIdentity, childRunId: string): Promise<RunRow> {
    const child = await findRun(database, tenant, childRunId)
    if (child?.parentRunId !== runId) throw new Forged('unknown_run')
    return child
  }
}

/** The sub-agent's run is part of its parent's trace: its root span is a child of the call's. */
function traceOfChild({ run: identity, step, index }: OpenChildInput) {
  const run = toFactRun(identity)
  return { traceId: run.trace.traceId, callerSpanId: subAgentSpanId(run, step, index) }
}

/** What a fact says of the sub-agent's run. */
function endOf({ id, agent, status, createdAt, completedAt }: RunRow) {
  if (!isTerminal(status)) throw new Error(`Run ${id} has not ended.`)
  const startedAtMs = Date.parse(createdAt)
  const durationMs = Date.parse(completedAt ?? createdAt) - startedAtMs
  return { childRunId: id, to: agent, status, startedAtMs, durationMs }
}

interface Answer {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

/** A sub-agent's answer as its parent's model reads it. One that did not complete has failed, but what there is of it is shown. */
function answerOf({ status, reason, output, outputFits }: RunRow, { callId, tool }: CloseChildInput): Answer {
  const call = { callId, tool }
  const answer = output === null ? {} : { answer: outputFits ? (JSON.parse(output) as Json) : output }
  const code = status === 'completed' ? null : status === 'cancelled' ? 'tool_cancelled' : 'tool_failed'
  const message =
    code === null
      ? resultMessage(call, answer)
      : errorMessage(call, code, undefined, { status, ...(reason !== null && { reason }), ...answer })
  if (Buffer.byteLength(message.content) > SIZES.maxToolResultBytes)
    return failed(errorMessage(call, 'tool_result_too_large'), 'tool_result_too_large')
  return code === null
    ? { message, outcome: { status: 'ok', preview: resultPreview(message.content) } }
    : failed(message, code)
}

function failed(message: ToolMessage, code: ErrorCode): Answer {
  return { message, outcome: { status: 'failed', code, preview: resultPreview(message.content) } }
}
