import type { ApprovalTerms } from '../../contracts/approvals/approval.ts'
import type { ContextRequest, LocalSettings } from '../app.ts'
import type { AnyAgent, DefinedAgent } from './agent-definition.ts'
import type { ModelsDefinition } from './model-definition.ts'

/** What an application's `context` function gets of a run that starts. */
export interface RequestWithOutside<Env, Services> extends ContextRequest {
  readonly env: Env
  readonly services: Services
}

interface Fields<Agents> {
  /** Lower-case letters, digits and underscores: part of the name of the table that counts its migrations. */
  readonly name: string
  readonly agents: Agents
  /** On which terms people are asked, by the name that rules use. What terms leave out is as in the product's `standard`. */
  readonly approvalTerms?: { readonly [name: string]: Partial<ApprovalTerms> }
  readonly models?: ModelsDefinition
  /** Folder of `name.version.md` files, for agents with `prompt(…)`: `new URL('./prompts/', import.meta.url)`. */
  readonly prompts?: URL
  /** Folder of the application's own migrations, `NNN.do.name.sql`: `new URL('./migrations/', import.meta.url)`. */
  readonly migrations?: URL
  /** Only `holdfast dev` reads it. */
  readonly local?: LocalSettings
}

interface WithContext<Env, Services, Context> {
  /**
   * What instructions may speak of: resolved once when a run starts, and pinned. Dates and the like are text from there on.
   *
   * @example
   * context: ({ caller, now }) => ({ user: caller.principal, today: now.toISOString().slice(0, 10) })
   */
  readonly context: (request: RequestWithOutside<Env, Services>) => Context | Promise<Context>
}

/** What the instructions of all these agents speak of. */
type ContextOf<Agents extends readonly AnyAgent[]> =
  Agents[number] extends DefinedAgent<never, never, infer Context> ? Context : never

/** An application has to give the context that its agents' instructions speak of. */
export type AppDefinition<Env, Services, Agents extends readonly AnyAgent[]> = Fields<Agents> &
  (Record<never, never> extends ContextOf<Agents>
    ? Partial<WithContext<Env, Services, ContextOf<Agents>>>
    : WithContext<Env, Services, ContextOf<Agents>>)

/** An application's definition whatever its types. */
export type AnyAppDefinition = Fields<readonly AnyAgent[]> & Partial<WithContext<never, never, object>>
