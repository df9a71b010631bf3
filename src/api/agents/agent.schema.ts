import { z } from 'zod'
import { EFFECTS } from '../../contracts/tools/tool.ts'
import { pageOf } from '../http/paging/paging.schema.ts'
import { startBudget } from '../runs/budget/run-budget.schema.ts'

export const agent = z
  .strictObject({
    name: z.string(),
    object: z.literal('agent'),
    version: z.string(),
    purpose: z.string(),
    prompt: z.strictObject({ name: z.string(), version: z.string() }),
    models: z
      .array(z.strictObject({ provider: z.string(), model: z.string() }))
      .describe('Tried in this order.'),
    tools: z.array(
      z.strictObject({
        name: z.string(),
        effect: z.enum(EFFECTS),
        requires: z
          .strictObject({ scopes: z.array(z.string()).optional(), groups: z.array(z.string()).optional() })
          .optional()
          .describe('What a caller needs to have it called: all of the scopes, and one of the groups.'),
      }),
    ),
    output_schema: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('JSON Schema of its answers; null where they are any text.'),
    limits: z.strictObject({ max_steps: z.int(), deadline_ms: z.int() }),
    budget: startBudget.nullable().describe('What a run of it has, unless its start says otherwise.'),
    specialists: z.array(z.string()).describe('Agents that a run of it may be handed to.'),
    sub_agents: z.array(z.string()).describe('Agents that a run of it may start for itself.'),
  })
  .meta({ id: 'Agent' })
export type AgentResource = z.output<typeof agent>

export const agentPage = pageOf(agent).meta({ id: 'AgentPage' })
