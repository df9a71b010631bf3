import { coversToolScope, type ToolScope } from './tool-scope.ts'

/** Groups and tool scopes of the principal that a run acts for, as they were when it was accepted. */
export interface PlannedCaller {
  readonly groups: readonly string[]
  readonly scopes: readonly ToolScope[]
}

/** What a tool demands of the caller: every one of the scopes, and at least one of the groups. What is left out is not demanded. */
export interface Requires {
  readonly scopes?: readonly ToolScope[]
  readonly groups?: readonly string[]
}

/** What a sub-agent keeps of its parent's caller. What is left out is kept whole. */
export interface Narrowing {
  readonly scopes?: readonly ToolScope[]
  readonly groups?: readonly string[]
}

const NOBODY: PlannedCaller = { groups: [], scopes: [] }

/** Whether the caller has what is demanded. A plan without a caller has none of it. */
export function isEntitled(
  { groups, scopes }: PlannedCaller = NOBODY,
  { scopes: all = [], groups: any }: Requires = {},
): boolean {
  return (
    all.every((scope) => coversToolScope(scopes, scope)) &&
    (any === undefined || any.some((group) => groups.includes(group)))
  )
}

/** The caller with no more than is named, and never with more than it had. */
export function narrowCaller(
  { groups, scopes }: PlannedCaller,
  { groups: keptGroups, scopes: keptScopes }: Narrowing,
): PlannedCaller {
  return {
    groups: keptGroups === undefined ? groups : groups.filter((group) => keptGroups.includes(group)),
    scopes: keptScopes === undefined ? scopes : keptScopes.filter((scope) => coversToolScope(scopes, scope)),
  }
}
