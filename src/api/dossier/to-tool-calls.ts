import type { Approval } from '../../contracts/approvals/approval.ts'
import type { ChildRunRow, ToolCallRow } from '../../store/dossier/list-tool-calls.ts'
import { toApprovalResource } from '../approvals/to-approval-resource.ts'
import type { ToolCallResource, TraceResource } from './trace.schema.ts'

/** What the store has of the tool calls of one step. */
export interface StepsToolCalls {
  readonly calls: readonly ToolCallRow[]
  readonly approvals: readonly Approval[]
  readonly children: readonly ChildRunRow[]
  /** Dossiers of sub-agents that are to be nested, by the run's id. */
  readonly nested: ReadonlyMap<string, TraceResource>
}

export function toToolCalls({ calls, approvals, children, nested }: StepsToolCalls): ToolCallResource[] {
  return calls.map((call) => {
    const child = children.find(({ index }) => index === call.index)
    return {
      index: call.index,
      again: call.again,
      call_id: call.callId,
      tool: call.tool,
      ...(call.effect !== null && { effect: call.effect }),
      status: call.status,
      ...(call.verdict !== null && { verdict: call.verdict }),
      ...(call.arguments !== null && { arguments: call.arguments }),
      ...(call.facts !== null && { facts: call.facts }),
      ...(call.output !== null && { output: call.output }),
      ...(call.outcome !== null && {
        outcome: {
          status: call.outcome.status,
          ...(call.outcome.code !== undefined && { code: call.outcome.code }),
        },
      }),
      ...(call.begun > 0 && { tries: { begun: call.begun, failed: call.failed } }),
      requested_at: call.createdAt,
      ...(call.startedAt !== null && { started_at: call.startedAt }),
      ...(call.endedAt !== null && { ended_at: call.endedAt }),
      ...(call.latencyMs !== null && { latency_ms: call.latencyMs }),
      approvals: approvals.filter((asked) => isAbout(asked, call)).map((asked) => toApprovalResource(asked)),
      ...(child && { sub_agent: toSubAgent(child, nested.get(child.runId)) }),
    }
  })
}

/** An approval after an unknown outcome has the number of the repetition that it asks for. */
function isAbout({ id, index, cause }: Approval, call: ToolCallRow): boolean {
  const repetition = Number(id.slice(id.lastIndexOf('_') + 1))
  return index === call.index && call.again === (cause === 'outcome_unknown' ? repetition - 1 : repetition)
}

function toSubAgent(
  { runId, agent, status }: ChildRunRow,
  trace: TraceResource | undefined,
): NonNullable<ToolCallResource['sub_agent']> {
  return { run_id: runId, agent, status, href: `/v1/runs/${runId}/trace`, ...(trace && { trace }) }
}
