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

/** One row a tool; the catalogue does not compile with a tool that has none. */
export const TOOL_POLICY = {
  list_orders: LOOK_UP,
  get_order: LOOK_UP,
  search_help: LOOK_UP,
  read_article: LOOK_UP,
  create_return: CHANGE,
  escalate_to_person: CHANGE,
  issue_refund: {
    ...CHANGE,
    effect: 'irreversible',
    approval: {
      // Cents of any currency the shop takes: they are near enough to each other for a limit.
      rules: [{ name: 'refund-above-50', when: { argument: 'amount_cents', above: 5_000 }, verdict: 'ask' }],
      otherwise: 'allow',
    },
  },
} as const satisfies Record<string, ToolRow>

export type ToolName = keyof typeof TOOL_POLICY
