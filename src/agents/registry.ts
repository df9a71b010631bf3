import { assistant } from './assistant/assistant.ts'
import type { AgentDefinition, AgentName } from './define-agent.ts'
import { support } from './support/support.ts'

/** Every agent that a run can be started with. */
export const AGENTS = { assistant, support } as const satisfies {
  [N in AgentName]: AgentDefinition & { name: N }
}

/** The agent of this name; null where there is none, whatever the caller wrote. */
export function findAgent(name: string): AgentDefinition | null {
  return Object.hasOwn(AGENTS, name) ? AGENTS[name as AgentName] : null
}
