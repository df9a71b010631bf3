import type { ApprovalRule, PlannedTool } from '../../contracts/tools/tool.ts'
import { DELEGATION_DEFAULTS, TOOL_DEFAULTS } from '../../policies/tool-defaults.ts'
import type { AnyRule } from '../define/approval-definition.ts'
import type { AnyTool } from '../define/tool-definition.ts'

/** A tool as plans pin it: its definition, with the product's defaults for what the definition leaves out. */
export function planTool(tool: AnyTool): PlannedTool {
  const { name, delegation, handlers, requires } = tool
  const demands = requires && { requires }
  if (delegation !== null) return { name, ...DELEGATION_DEFAULTS, ...delegation, ...demands }
  const execution = tool.execution ?? 'activity'
  const { timeoutMs, attempts } = TOOL_DEFAULTS[execution]
  return {
    name,
    effect: tool.effect,
    idempotency: tool.idempotency ?? 'none',
    execution,
    timeoutMs: tool.timeoutMs ?? timeoutMs,
    attempts: tool.attempts ?? attempts,
    ...demands,
    approval: {
      rules: (tool.approval?.rules ?? []).map(planRule),
      otherwise: tool.approval?.otherwise ?? 'allow',
    },
    ...(handlers.facts !== undefined && { facts: true }),
    ...(handlers.approvers !== undefined && { approvers: true }),
  }
}

function planRule({ name, when, verdict, terms }: AnyRule): ApprovalRule {
  return {
    name,
    when,
    verdict,
    ...(terms !== undefined && { terms }),
  }
}
