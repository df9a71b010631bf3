import { AGENT_RUN } from './agent-run.messages.ts'

/** Every workflow of the bundle, by its type's name. */
export const WORKFLOW_TYPES = [AGENT_RUN] as const
