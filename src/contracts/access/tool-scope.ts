/** A scope of the application's own, which tools demand. Holdfast gives it no meaning. `tools:*` stands for all of them. */
export type ToolScope = `tools:${string}`

export const ALL_TOOL_SCOPES: ToolScope = 'tools:*'

const ONE = /^tools:[a-z0-9][a-z0-9._-]{0,57}$/

/** Whether this is one tool scope by its name. */
export function isToolScope(text: unknown): text is ToolScope {
  return typeof text === 'string' && ONE.test(text)
}

/** What a key, or a token's claim, can grant: one tool scope, or all of them. */
export function isToolGrant(text: unknown): text is ToolScope {
  return text === ALL_TOOL_SCOPES || isToolScope(text)
}

/** Whether these grants cover a tool scope. `admin` covers it, as it covers every scope. */
export function coversToolScope(grants: readonly string[], scope: ToolScope): boolean {
  return grants.includes(scope) || grants.includes(ALL_TOOL_SCOPES) || grants.includes('admin')
}

/** The tool scopes among a credential's grants. */
export function toolScopesOf(grants: readonly string[]): readonly ToolScope[] {
  return coversToolScope(grants, ALL_TOOL_SCOPES) ? [ALL_TOOL_SCOPES] : grants.filter(isToolScope)
}
