import type { ToolScope } from '../contracts/access/tool-scope.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { AppDatabase } from './app-database.ts'

/**
 * The principal that a call acts for: the one whose run it is. A handler reaches only what is this principal's, even if another person's
 * message led to the call. No model is told of it.
 */
export interface Caller {
  readonly tenant: string
  readonly principal: string
  /** As they were when the run was accepted, as are the scopes. A sub-agent's may be fewer. */
  readonly groups: readonly string[]
  /** The application's own scopes that the credential had, `tools:…`. `tools:*` stands for all of them. */
  readonly scopes: readonly ToolScope[]
}

export interface ToolLogger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** What a handler is given besides its arguments. `Env` and `Services` are those of the application's `setup`. */
export interface ToolContext<Env = unknown, Services = unknown, Facts = JsonObject> {
  readonly caller: Caller
  readonly runId: string
  /** The same for every try of one call; a tool with idempotency `key` does its work once for it. */
  readonly callKey: string
  /**
   * The call as a span of the run's trace, as the header `traceparent` of W3C Trace Context: whoever the tool asks with it goes on with the
   * trace. The same for every try of one call.
   */
  readonly traceparent: string
  readonly db: AppDatabase
  readonly env: Env
  readonly services: Services
  /** What the tool's `facts` found before anybody was asked; empty where it has none. */
  readonly facts: Facts
  /** Principals who approved this call, in the order of their decisions; empty where nobody was asked. */
  readonly approvedBy: readonly string[]
  /** Aborted when the call is cancelled or out of time. */
  readonly signal: AbortSignal
  /** Says that the call is alive. The activity does so by itself for as long as the event loop turns. */
  heartbeat(): void
  readonly logger: ToolLogger
}

/** Who may decide about one call. Where it names nobody, the terms' approvers may; where these name nobody, everybody who may decide approvals. */
export interface ApproversOfCall {
  readonly principals?: readonly string[]
  readonly groups?: readonly string[]
}

/** What a tool's `facts` is given besides the arguments: the call has not been made, and nobody has been asked. */
export type FactsContext<Env = unknown, Services = unknown> = Pick<
  ToolContext<Env, Services>,
  'caller' | 'runId' | 'db' | 'env' | 'services' | 'signal' | 'logger'
>

/** What a tool's `approvers` is given besides the arguments. */
export type ApproversContext<Env = unknown, Services = unknown, Facts = JsonObject> = FactsContext<
  Env,
  Services
> & { readonly facts: Facts }

/** Tools that the product carries out itself, since they reach what handlers do not: its own store. */
export type BuiltInTool = 'remember' | 'recall'

/** A tool as the activities see it: arguments have been checked with `invalidArguments` before anything else is called. */
export interface Tool {
  readonly name: string
  /** What the model reads. */
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject
  /** JSON pointers of the arguments that do not fit; empty when all do. */
  invalidArguments(args: JsonObject): readonly string[]
  /** What the product does in place of handlers. */
  readonly builtIn?: BuiltInTool
  /** Absent for a built-in tool, and for one that the run carries out itself: a handoff or a sub-agent. */
  readonly execute?: (args: JsonObject, context: ToolContext) => Promise<JsonObject>
  /** Looks up, before anybody is asked, what the model's words cannot be trusted for. */
  readonly facts?: (args: JsonObject, context: FactsContext) => Promise<JsonObject>
  /** Says who may decide about this very call. */
  readonly approvers?: (args: JsonObject, context: ApproversContext) => Promise<ApproversOfCall>
}
