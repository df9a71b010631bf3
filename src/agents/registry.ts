import type { SubAgentTarget } from '../policies/tools.ts'
import { assistant } from './assistant/assistant.ts'
import { billing } from './billing/billing.ts'
import type { AgentDefinition, AgentName, SpecialistDefinition, SpecialistName } from './define-agent.ts'
import { research } from './research/research.ts'
import { returns } from './returns/returns.ts'
import { support } from './support/support.ts'
import { technical } from './technical/technical.ts'

/** Every agent that a run can be started with. A tool that starts somebody who is none of them does not compile. */
export const AGENTS = { assistant, research, support } as const satisfies {
  [N in AgentName | SubAgentTarget]: AgentDefinition & { name: N }
}

/** Every agent that a run can be handed to and that nobody starts. */
export const SPECIALISTS = { billing, returns, technical } as const satisfies {
  [N in SpecialistName]: SpecialistDefinition & { name: N }
}

/** The agent of this name; null where there is none, whatever the caller wrote. */
export function findAgent(name: string): AgentDefinition | null {
  return Object.hasOwn(AGENTS, name) ? AGENTS[name as AgentName] : null
}

export function findSpecialist(name: string): SpecialistDefinition | null {
  return Object.hasOwn(SPECIALISTS, name) ? SPECIALISTS[name as SpecialistName] : null
}
