import { z } from 'zod'
import { isSameJson } from '../../contracts/json.ts'
import type { AnyAgent } from '../define/agent-definition.ts'
import type { AnyAppDefinition } from '../define/app-definition.ts'
import type { Setup } from '../define/setup-definition.ts'
import type { AnyTool } from '../define/tool-definition.ts'
import { resolveTerms } from '../plan/resolve-terms.ts'
import { checkTool } from './check-tool.ts'
import { isText, thereAre } from './values.ts'

/** Yields the problems of the agents' tools. Returns the agents that have a name, without entries of `tools` that are not tools. */
export function* checkTools(
  agents: readonly AnyAgent[],
  definition: AnyAppDefinition,
  setup: Setup | null,
): Generator<string, readonly AnyAgent[]> {
  const tools = new Set<AnyTool>()
  const cleaned: AnyAgent[] = []
  for (const agent of agents) {
    const own = yield* checkList(agent)
    for (const tool of own) tools.add(tool)
    if (isText(agent.definition.name))
      cleaned.push({ ...agent, definition: { ...agent.definition, tools: own } })
  }
  for (const tool of tools) {
    const where = isText(tool.name) ? `tool "${tool.name}"` : 'a tool'
    if (tool.setup !== null && tool.setup !== setup) {
      yield `${where}: it was made for another environment and services. Make it with the defineTool of the same setup as defineApp.`
    }
    yield* checkTool(where, tool)
  }
  yield* checkDuplicateNames([...tools])
  yield* checkRuleNames([...tools], definition)
  return cleaned
}

function* checkList({ definition }: AnyAgent): Generator<string, readonly AnyTool[]> {
  const { name, tools = [] } = definition
  const where = isText(name) ? `agent "${name}"` : 'an agent without a name'
  if (!Array.isArray(tools)) {
    yield `${where}: tools is not a list. Write tools: [readInvoice].`
    return []
  }
  const own: AnyTool[] = []
  for (const [index, tool] of (tools as readonly unknown[]).entries()) {
    if (!isTool(tool)) {
      yield `${where}: tools[${index}] is not a tool. Make it with defineTool, handoff or subAgent; files that import each other in a circle give undefined.`
    } else if (own.includes(tool)) yield `${where}: the tool "${tool.name}" is listed twice. Drop one.`
    else own.push(tool)
  }
  return own
}

/** A run knows a tool by its name alone, so a name must not stand for two tools. */
function* checkDuplicateNames(tools: readonly AnyTool[]): Generator<string> {
  const first = new Map<string, AnyTool>()
  for (const tool of tools) {
    const other = first.get(tool.name)
    first.set(tool.name, other ?? tool)
    if (other === undefined || areSame(tool, other)) continue
    yield `tool "${tool.name}": there are two different tools of this name. Rename one, or use the same tool in both places.`
  }
}

/** Handoffs and sub-agents can be compared; two handlers cannot. */
function areSame(one: AnyTool, other: AnyTool): boolean {
  const asJson = ({ delegation, description, requires, input }: AnyTool) => [
    { ...delegation },
    description,
    { ...requires },
    z.toJSONSchema(input),
  ]
  return one.delegation !== null && other.delegation !== null && isSameJson(asJson(one), asJson(other))
}

/** Events and approvals record a rule's name without its tool, so the name is unique in the application. */
function* checkRuleNames(tools: readonly AnyTool[], { approvalTerms }: AnyAppDefinition): Generator<string> {
  const terms = Object.keys(resolveTerms(approvalTerms))
  const owners = new Map<string, string>()
  for (const { name: tool, approval } of tools) {
    for (const { name, terms: wanted } of approval?.rules ?? []) {
      const owner = owners.get(name)
      if (owner !== undefined) {
        yield `tool "${tool}": its rule "${name}" has the name of a rule of "${owner}", and a decision is recorded under it. Rename one.`
      }
      owners.set(name, tool)
      if (wanted === undefined || terms.includes(wanted)) continue
      yield `tool "${tool}", rule "${name}": there are no terms "${wanted}". ${thereAre(terms)}; approvalTerms adds others.`
    }
  }
}

function isTool(value: unknown): value is AnyTool {
  return typeof value === 'object' && value !== null && 'holdfast' in value && value.holdfast === 'tool'
}
