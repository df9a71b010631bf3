import type { CarriedToolName, ToolName } from '../../policies/tools.ts'
import type { ToolSpec } from '../models/wires/model-adapter.ts'
import { createReturn } from './create-return.ts'
import type { HandledToolName, Tool, ToolFace } from './define-tool.ts'
import { escalateToPerson } from './escalate-to-person.ts'
import { getOrder } from './get-order.ts'
import { handBack, handoffToBilling, handoffToReturns, handoffToTechnical } from './handoffs.ts'
import { issueRefund } from './issue-refund.ts'
import { listOrders } from './list-orders.ts'
import { readArticle } from './read-article.ts'
import { research } from './research.ts'
import { searchHelp } from './search-help.ts'

/**
 * Every tool that this build knows: one for each row of the policy table, under the same name. Those that the run carries out
 * itself have no handler.
 */
export const TOOLS: { readonly [N in HandledToolName]: Tool<N> } & {
  readonly [N in CarriedToolName]: ToolFace<N>
} = {
  list_orders: listOrders,
  get_order: getOrder,
  search_help: searchHelp,
  read_article: readArticle,
  handoff_to_billing: handoffToBilling,
  handoff_to_returns: handoffToReturns,
  handoff_to_technical: handoffToTechnical,
  hand_back: handBack,
  research,
  create_return: createReturn,
  issue_refund: issueRefund,
  escalate_to_person: escalateToPerson,
}

/** The tool of this name; null where there is none, whatever the model wrote. */
export function findTool(name: string): Tool | ToolFace | null {
  return Object.hasOwn(TOOLS, name) ? TOOLS[name as ToolName] : null
}

/** What a model is told about these tools. Names that this build does not know are left out. */
export function toolSpecs(names: readonly string[]): readonly ToolSpec[] {
  return names.flatMap((name) => {
    const tool = findTool(name)
    return tool ? [{ name: tool.name, description: tool.description, inputSchema: tool.inputSchema }] : []
  })
}
