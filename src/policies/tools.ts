import type { PlannedTool } from '../contracts/tool.ts'

/** How one tool is run and when a person is asked first. Times are milliseconds. */
export type ToolRow = Omit<PlannedTool, 'name'>

/** Reads the store and answers within a second, so it runs inside the workflow task. */
const LOOK_UP = {
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  timeoutMs: 2_000,
  attempts: 5,
  approval: { rules: [], otherwise: 'allow' },
} as const satisfies ToolRow

/** Changes the shop in one transaction that holds the call key, so a repeated call changes it once. */
const CHANGE = {
  effect: 'write',
  idempotency: 'key',
  execution: 'activity',
  timeoutMs: 10_000,
  attempts: 6,
  approval: { rules: [], otherwise: 'allow' },
} as const satisfies ToolRow

/** A tool that the run itself carries out: nothing is tried again, and there is no timeout, since a sub-agent has a deadline of its own. */
const OF_THE_RUN = {
  effect: 'read',
  idempotency: 'key',
  timeoutMs: 0,
  attempts: 1,
  approval: { rules: [], otherwise: 'allow' },
} as const satisfies Omit<ToolRow, 'execution'>

/** One row a tool; the catalogue does not compile with a tool that has none. */
export const TOOL_POLICY = {
  list_orders: LOOK_UP,
  get_order: LOOK_UP,
  search_help: LOOK_UP,
  read_article: LOOK_UP,
  handoff_to_billing: { ...OF_THE_RUN, execution: 'handoff', to: 'billing' },
  handoff_to_returns: { ...OF_THE_RUN, execution: 'handoff', to: 'returns' },
  handoff_to_technical: { ...OF_THE_RUN, execution: 'handoff', to: 'technical' },
  hand_back: { ...OF_THE_RUN, execution: 'handoff', to: 'support' },
  research: { ...OF_THE_RUN, execution: 'child', to: 'research' },
  create_return: CHANGE,
  escalate_to_person: CHANGE,
  issue_refund: {
    ...CHANGE,
    effect: 'irreversible',
    approval: {
      // Cents of whichever currency: those that the shop takes are near enough to each other for a limit.
      rules: [{ name: 'refund-above-50', when: { argument: 'amount_cents', above: 5_000 }, verdict: 'ask' }],
      otherwise: 'allow',
    },
  },
} as const satisfies Record<string, ToolRow>

export type ToolName = keyof typeof TOOL_POLICY

type Named<E extends ToolRow['execution']> = {
  [N in ToolName]: (typeof TOOL_POLICY)[N]['execution'] extends E ? N : never
}[ToolName]
type To<N extends ToolName> = (typeof TOOL_POLICY)[N] extends { readonly to: infer T extends string }
  ? T
  : never

/** Tools that the run itself carries out: they have no handler. */
export type CarriedToolName = Named<'handoff' | 'child'>

/** Agents that a tool can hand the run to, and agents that it can start. */
export type HandoffTarget = To<Named<'handoff'>>
export type SubAgentTarget = To<Named<'child'>>
