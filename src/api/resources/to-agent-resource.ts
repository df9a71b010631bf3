import type { AgentDefinition } from '../../agents/define-agent.ts'
import { resolvePlan } from '../../agents/resolve-plan.ts'
import type { AgentResource } from '../schemas/agent.schema.ts'

/** An agent as a run that starts now would get it. */
export function toAgentResource({ name, purpose }: AgentDefinition): AgentResource {
  const { agent, prompt, chain, tools, limits } = resolvePlan(name)
  return {
    name: agent.name,
    object: 'agent',
    version: agent.version,
    purpose,
    prompt: { name: prompt.name, version: prompt.version },
    models: chain.map(({ provider, model }) => ({ provider, model })),
    tools: tools.map(({ name, effect }) => ({ name, effect })),
    limits: {
      max_steps: limits.maxSteps,
      deadline_ms: limits.deadlineMs,
    },
  }
}
