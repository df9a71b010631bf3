import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { TOOLS } from '../../../src/activities/tools/catalog.ts'
import { PROMPTS } from '../../../src/agents/prompts/find-prompt.ts'
import { AGENTS, SPECIALISTS } from '../../../src/agents/registry.ts'
import type { ToolApproval } from '../../../src/app/define/approval-definition.ts'
import {
  type App,
  type DefinedAgent,
  type DefinedTool,
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  prompt,
  subAgent,
} from '../../../src/index.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { RUN_BUDGETS } from '../../../src/policies/budgets.ts'
import { RUN_LIMITS } from '../../../src/policies/limits.ts'
import { TOOL_POLICY, type ToolName, type ToolRow } from '../../../src/policies/tools.ts'

/** An application that says with definitions what the product's tables say of its own team. */
export function teamOfTheTables(): App {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-prompts-'))
  for (const { name, version, text } of PROMPTS)
    writeFileSync(join(folder, `${name}.${version}.md`), `${text}\n`)
  const tools = new Map(
    Object.entries(TOOL_POLICY).map(([name, row]) => [name, toolOf(name as ToolName, row)]),
  )
  const { standard, ...approvalTerms } = APPROVAL_TERMS
  return defineApp({
    name: 'shop',
    prompts: pathToFileURL(folder),
    approvalTerms,
    agents: [...Object.values(AGENTS), ...Object.values(SPECIALISTS)].map((page) => agentOf(page, tools)),
  })
}

type Page = (typeof AGENTS)[keyof typeof AGENTS] | (typeof SPECIALISTS)[keyof typeof SPECIALISTS]

function agentOf(page: Page, tools: ReadonlyMap<string, DefinedTool>): DefinedAgent {
  const rows = page.name in AGENTS ? (page.name as keyof typeof AGENTS) : null
  return defineAgent({
    name: page.name,
    version: page.version,
    ...('purpose' in page && { purpose: page.purpose }),
    instructions: prompt(`${page.prompt.name}.${page.prompt.version}`),
    tools: page.tools.flatMap((name) => tools.get(name) ?? []),
    degradedAnswer: page.degradedAnswer,
    ...('whenNoModel' in page && { whenNoModel: page.whenNoModel }),
    ...(rows === null
      ? { startable: false }
      : {
          limits: { maxSteps: RUN_LIMITS[rows].maxSteps, deadlineMs: RUN_LIMITS[rows].deadlineMs },
          budget: { limits: RUN_BUDGETS[rows].limits, onReached: RUN_BUDGETS[rows].onReached },
        }),
  })
}

function toolOf(name: ToolName, row: ToolRow): DefinedTool {
  if (row.execution === 'handoff' && row.to !== undefined) return handoff({ to: row.to, name })
  if (row.execution === 'child' && row.to !== undefined) return subAgent({ to: row.to, name })
  const { description, inputSchema } = TOOLS[name]
  const input = z.fromJSONSchema(inputSchema) as z.ZodObject
  const { idempotency, timeoutMs, attempts } = row
  const fields = { name, description, input, idempotency, timeoutMs, attempts, execute: () => ({}) }
  const approval = {
    otherwise: row.approval.otherwise,
    rules: row.approval.rules.map((rule) => ({ ...rule, verdict: 'ask' as const })),
  }
  if (row.effect === 'read') {
    return defineTool({
      ...fields,
      effect: 'read',
      execution: row.execution === 'local' ? 'local' : 'activity',
    })
  }
  return defineTool({
    ...fields,
    effect: row.effect,
    // The input came out of a JSON schema, so the compiler does not know its arguments.
    approval: approval as ToolApproval<Record<string, unknown>, never, never>,
  })
}
