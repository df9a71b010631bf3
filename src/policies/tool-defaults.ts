import type { PlannedTool } from '../contracts/tools/tool.ts'

type ToolDefaults = Pick<PlannedTool, 'timeoutMs' | 'attempts'>

/** Timeout and attempts of a tool that has none of its own, by where it runs. */
export const TOOL_DEFAULTS = {
  activity: { timeoutMs: 10_000, attempts: 6 },
  local: { timeoutMs: 2_000, attempts: 5 },
} as const satisfies Record<string, ToolDefaults>

/** A local tool holds up the workflow task, which the server gives ten seconds. */
export const MOST_LOCAL_MS = 5_000

/** A handoff or sub-agent, which the run itself carries out: without attempts and a time of its own, since a sub-agent has a deadline. */
export const DELEGATION_DEFAULTS = {
  effect: 'read',
  idempotency: 'key',
  timeoutMs: 0,
  attempts: 1,
  approval: { rules: [], otherwise: 'allow' },
} as const satisfies Omit<PlannedTool, 'name' | 'execution' | 'to'>

/** The one argument of a handoff and of a sub-agent, and its description where the application gives none. */
export const DELEGATION_INPUT = {
  maxReasonCharacters: 500,
  reason: 'What is wanted from this colleague, in one or two sentences.',
  maxTaskCharacters: 2_000,
  task: 'The task and everything needed for it. Whoever works on it sees nothing of this conversation.',
} as const
