import { applyPolicy } from '../../contracts/approvals/approval-policy.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { mayCall, plannedTool, teamOf } from '../../contracts/runs/read-plan.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import type { RunToolInput } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../../store/database/database.ts'
import { findStoredCall } from '../../store/tools/authorised-call.ts'
import { type FactsAndApprovals, findFactsAndApprovals } from '../../store/tools/look-ups.ts'
import { Forged } from '../runs/forged.ts'

/** The arguments and facts that a tool is called with. */
export interface CallToMake extends FactsAndApprovals {
  readonly arguments: JsonObject
  /** Empty for a tool that looks up no facts. */
  readonly facts: JsonObject
}

const NO_FACTS_OR_APPROVALS = { facts: {}, approvedBy: [] } as const

/**
 * Finds what a tool is called with, and refuses a call that nobody has asked for. Facts and approvers always come from the store.
 *
 * A call with given arguments is not looked up here if a later statement refuses it in time: the claim of a call that changes the world,
 * and the statement that stores the result of a read that the policy allows, since nobody is shown the result before.
 *
 * @returns null where the store has no arguments
 * @throws Forged where the plan has no such tool, or the store no such call, or the caller may not have the tool called
 */
export async function authoriseCall(
  db: Db,
  plan: RunPlan | null,
  input: RunToolInput,
): Promise<CallToMake | null> {
  const given = input.arguments
  if (plan === null) {
    const args = given ?? (await findStoredCall(db, input))?.arguments
    return args === undefined ? null : { arguments: args, ...NO_FACTS_OR_APPROVALS }
  }
  const tool = requireTool(plan, input.tool)
  if (!mayCall(plan, tool)) throw new Forged('not_requested')
  const isClaimed = tool.effect !== 'read'
  const wasLookedUpOrAsked = tool.facts === true || input.asked === true
  if (given !== null && !wasLookedUpOrAsked && (isClaimed || isAllowed(tool, given)))
    return { arguments: given, ...NO_FACTS_OR_APPROVALS }
  const call = await findStoredCall(db, input)
  const sha256 = call?.argumentsSha256 ?? input.argumentsSha256
  if (!call?.permitted || call.tool !== tool.name || sha256 !== input.argumentsSha256) {
    throw new Forged('not_requested')
  }
  const { facts, approvedBy } =
    tool.facts || call.asked ? await findFactsAndApprovals(db, input) : NO_FACTS_OR_APPROVALS
  if (tool.facts && facts === null) throw new Forged('not_requested')
  return { arguments: given ?? call.arguments, facts: facts ?? {}, approvedBy }
}

function requireTool(plan: RunPlan, { name, effect, idempotency }: RunToolInput['tool']): PlannedTool {
  const isKnown = teamOf(plan).some(({ tools }) => tools.some((tool) => tool.name === name))
  const tool = isKnown ? plannedTool(plan, name) : null
  if (tool === null || tool.effect !== effect || tool.idempotency !== idempotency)
    throw new Forged('other_plan')
  return tool
}

function isAllowed(tool: PlannedTool, args: JsonObject): boolean {
  return applyPolicy(tool, { arguments: args }, []).verdict === 'allow'
}
