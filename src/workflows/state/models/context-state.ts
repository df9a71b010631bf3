import type { CompactionCause } from '../../../contracts/models/context.ts'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { currentAgent } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'

/** How much of the transcript the run's agents are shown, and the compaction that is due or under way. */
export interface ContextState {
  /** Number of each agent's present window. An agent that is not here is shown the whole transcript. */
  readonly windows: { readonly [agent: string]: number }
  /** What the last compaction left of the transcript. */
  readonly shown: { readonly kept: number; readonly of: number } | null
  /** Tokens of the agent's last request and answer together; null where they say nothing about the next request. */
  readonly measured: { readonly agent: string; readonly tokens: number } | null
  /** A request was too long: the transcript is compacted before the hop is asked again. */
  readonly due: Exclude<CompactionCause, 'near_limit'> | null
  readonly stage: 'idle' | 'running' | 'stopping'
  /** The step of the last compactions, and how many it had. */
  readonly last: { readonly step: number; readonly count: number }
  /** Nothing could leave the window: its nearing the limit does not count before this step. */
  readonly restsUntilStep: number
}

export const WHOLE_TRANSCRIPT: ContextState = {
  windows: {},
  shown: null,
  measured: null,
  due: null,
  stage: 'idle',
  last: { step: 0, count: 0 },
  restsUntilStep: 0,
}

/** A model has answered: its request and its answer are in the next request. */
export function measureContext(
  plan: WorkflowPlan,
  state: RunState,
  { inputTokens, outputTokens }: CallUsage,
): ContextState {
  const { agent, window } = currentAgent(plan, state)
  // A server that counts no tokens says nothing.
  const isMeasured = window !== undefined && inputTokens > 0
  const measured = isMeasured ? { agent: agent.name, tokens: inputTokens + outputTokens } : null
  return { ...state.context, measured }
}
