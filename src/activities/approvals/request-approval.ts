import type { RequestApprovalInput } from '../../contracts/approvals/approval-record.ts'
import { canonicalJson, type Json } from '../../contracts/json.ts'
import { callingAgent, startedAgent } from '../../contracts/runs/agents-of-plan.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import { decisionSha256 } from '../../security/decision-sha256.ts'
import * as approvals from '../../store/approvals/request-approval.ts'
import { findStoredCall, type StoredCall } from '../../store/tools/authorised-call.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import type { Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { findKnown } from './known-of-call.ts'

/**
 * Asks people to decide about a call. They are shown the stored call, which is the one that would be made, on terms of the stored plan.
 *
 * @throws Forged `not_requested` where no stored answer makes this call, or the plan has no such terms for it
 */
export function createRequestApproval({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'requestApproval'>['requestApproval'] {
  return async (input, { plan }) => {
    const { run, step, index } = input
    const call = await findStoredCall(database, { run, step, index, again: 0 })
    if (plan === null) {
      const args = input.arguments ?? call?.arguments
      if (args === undefined) throw failure('requestApproval', 'tool_arguments_mismatch')
      return request({ ...input, arguments: args }, input.agent)
    }
    if (call === null || !isOf(call, input) || !isOnTerms(plan, call, input))
      throw new Forged('not_requested')
    const tool = plannedTool(plan, call.tool)
    const { argumentsSha256 } = input
    const known = await findKnown(database, tool, { run, step, index, argumentsSha256, cause: input.cause })
    if (known === null) throw new Forged('not_requested')
    const { facts, approvers } = known
    const asked = {
      ...input,
      // The workflow of a release before this one names the agent that the run was started with.
      agent: callingAgent(plan, call.handedBy),
      effect: tool.effect,
      arguments: call.arguments,
      ...(facts && { facts, decisionSha256: decisionSha256(call.arguments, facts) }),
      ...(approvers && { approvers }),
    }
    return request(asked, startedAgent(plan))
  }

  /** @param started the agent that the run was started with */
  async function request(request: approvals.RequestApproval, started: string): Promise<void> {
    const { requested, begins } = await approvals.requestApproval(database, request)
    if (!requested) return
    const { agent, step, tool, approvalId } = request
    const run = toFactRun(request.run)
    telemetry.record({ type: 'approval.requested', run, agent, step, tool, approvalId })
    if (begins) telemetry.record({ type: 'run.waits', run, agent: started, waitsFor: 'approval' })
  }
}

function isOf({ tool, argumentsSha256, verdict }: StoredCall, input: RequestApprovalInput): boolean {
  const { run, step, index, approvalId } = input
  const stem = `apr_${run.runId.slice('run_'.length)}_${step}_${index}_`
  const again = approvalId.slice(stem.length)
  return (
    approvalId.startsWith(stem) &&
    (input.cause === 'policy' ? again === '0' : /^[1-9]\d{0,8}$/.test(again)) &&
    tool === input.tool &&
    (argumentsSha256 ?? input.argumentsSha256) === input.argumentsSha256 &&
    verdict !== 'deny'
  )
}

/**
 * Whether the terms are the plan's: those that its rules name for the call, or any of the plan's where its rules do not ask. A person is
 * asked about such a call by a rule that was tightened later, or because its outcome is unknown.
 */
function isOnTerms(plan: RunPlan, { verdict, terms }: StoredCall, input: RequestApprovalInput): boolean {
  const wanted = canonicalJson(input.terms as unknown as Json)
  return Object.entries(plan.approvalTerms).some(
    ([name, known]) =>
      canonicalJson(known as unknown as Json) === wanted && (verdict !== 'ask' || name === terms),
  )
}
