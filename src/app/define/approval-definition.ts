import type { Verdict } from '../../contracts/tools/tool.ts'

/** Keys of `T` that are always there and hold a `V`. */
type RequiredKeys<T, V> = {
  [K in keyof T & string]-?: Record<never, never> extends Pick<T, K> ? never : T[K] extends V ? K : never
}[keyof T & string]

/**
 * When a rule matches. What cannot be checked matches, so that a person is asked: arguments that are too long for history, facts
 * that are missing.
 *
 * - `'always'`
 * - `{ argument, above }`: the argument is a number above it; only for arguments that the tool requires
 * - `{ argument, outside }`: the argument is text that ends with none of these, such as an address outside the company's domains
 * - `{ fact, above }` and `{ fact, outside }`: the same for what the tool's `facts` found
 * - `{ firstTime: true }`: the run's principal has not had this tool succeed before
 */
export type When<Args, NumberFact, TextFact> =
  | 'always'
  | { readonly argument: RequiredKeys<Args, number>; readonly above: number }
  | { readonly argument: RequiredKeys<Args, string>; readonly outside: readonly string[] }
  | { readonly fact: NumberFact; readonly above: number }
  | { readonly fact: TextFact; readonly outside: readonly string[] }
  | { readonly firstTime: true }

/** One rule. Every rule that matches votes: deny beats ask, and ask beats allow. */
export type RuleDefinition<Args, NumberFact, TextFact> = {
  /** Recorded with every decision that it takes, so it is unique in the application: `credit-above-50`. */
  readonly name: string
  readonly when: When<Args, NumberFact, TextFact>
} & (
  | {
      readonly verdict: 'ask'
      /** Name of the application's `approvalTerms` on which a person is asked; `standard` where it is left out. */
      readonly terms?: string
    }
  | { readonly verdict: 'allow' | 'deny'; readonly terms?: never }
)

/**
 * When a person is asked before a tool is called.
 *
 * @example
 * approval: {
 *   rules: [{ name: 'credit-above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask', terms: 'finance' }],
 *   otherwise: 'allow',
 * }
 */
export interface ToolApproval<Args, NumberFact, TextFact> {
  readonly rules?: readonly RuleDefinition<Args, NumberFact, TextFact>[]
  /** What holds where no rule matches; `allow` where it is left out. */
  readonly otherwise?: Verdict
}

/** A rule whatever the tool, as checks and plans see it. */
export interface AnyRule {
  readonly name: string
  readonly when: AnyWhen
  readonly verdict: Verdict
  readonly terms?: string
}

export type AnyWhen =
  | 'always'
  | { readonly argument: string; readonly above: number }
  | { readonly argument: string; readonly outside: readonly string[] }
  | { readonly fact: string; readonly above: number }
  | { readonly fact: string; readonly outside: readonly string[] }
  | { readonly firstTime: true }
