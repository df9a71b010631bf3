import type { JsonObject } from '../contracts/json.ts'
import type { RunPlan } from '../contracts/runs/plan.ts'
import type { AnswerSchema } from './answer-schema.ts'
import type { AppDatabase } from './app-database.ts'
import type { LimitRow } from './define/model-definition.ts'
import type { ProvidersRead } from './environment/read-providers.ts'
import type { AppPrice } from './models/prices.ts'
import type { AppProvider } from './models/providers.ts'
import type { PlanOverrides } from './plan/plan-overrides.ts'
import type { Caller, Tool } from './tool.ts'

/** What people read of an agent when they choose one. */
export interface AgentSummary {
  readonly name: string
  readonly version: string
  /** One sentence. */
  readonly purpose: string
}

/** An application, checked whole: all that api, worker, local stack and commands know of it. */
export interface App {
  /** Marks an application: a file may export anything by default. */
  readonly holdfast: 'app'
  readonly name: string
  /** Agents that runs can be started with, in the order in which the application lists them. */
  readonly agents: readonly AgentSummary[]
  /** Whether the application has an agent of this name, startable or not. */
  hasAgent(name: string): boolean
  /** What a run of this agent is pinned to if it starts now; null where no run can be started with it. */
  plan(agent: string, overrides?: PlanOverrides): RunPlan | null
  /** The tool of this name, whichever agent has it; null where there is none. */
  tool(name: string): Tool | null
  /** What this agent's answers have to be; null where they may be any text. */
  answerSchema(agent: string): AnswerSchema | null
  /** The text of one version of a prompt; null where this build does not have it. For runs that pinned no text of their own. */
  prompt(name: string, version: string): string | null
  /** The instructions of this agent in a run with this context; null where there is no such agent. */
  instructions(agent: string, context: JsonObject): string | null
  /** Resolves the context of a run that starts now, which its agents' instructions may use. Called once a run. */
  context(request: ContextRequest, outside: Outside): Promise<JsonObject>
  readonly models: AppModels
  readonly environment: AppEnvironment
  /** Folder of the application's own migrations (`NNN.do.name.sql`); null where it has none. */
  readonly migrations: URL | null
  /** Only the local stack reads it. */
  readonly local: LocalSettings
}

/** What the processes need to know of the application's models before a run names one. */
export interface AppModels {
  /** Servers of the application's own, beside the providers that the product knows. */
  readonly providers: readonly AppProvider[]
  /** They override list prices; an operator's own rows override these. */
  readonly prices: readonly AppPrice[]
  /** An operator's own rows override these. */
  readonly limits: readonly LimitRow[]
}

/** The application's part of the environment, and the services that are made from it once a process. */
export interface AppEnvironment {
  /** Names of the variables that it reads, including those of its models' providers. */
  readonly names: readonly string[]
  /** The names among them whose values are never shown. */
  readonly secrets: readonly string[]
  /** The validated values, or all problems, one a line. No problem contains a secret's value. */
  read(
    variables: Readonly<Record<string, string | undefined>>,
  ): { readonly env: unknown } | { readonly problems: readonly string[] }
  /** Values of the secrets that are set, from the variables themselves or from files. */
  secretValues(variables: Readonly<Record<string, string | undefined>>): readonly string[]
  /** The application's own servers with their keys and addresses, and all problems of these. */
  readProviders(variables: Readonly<Record<string, string | undefined>>): ProvidersRead
  /** Makes the services. The caller disposes of them when the process ends. */
  open(env: unknown): Promise<Outside & AsyncDisposable>
}

/** What a process gives to every handler that it runs: the application's environment and services. */
export interface Outside {
  readonly env: unknown
  readonly services: unknown
}

export interface ContextRequest {
  readonly caller: Caller
  readonly metadata: JsonObject
  readonly now: Date
}

export interface LocalSettings {
  /** Fills an empty database for trying things; safe to repeat. */
  readonly seed?: (db: AppDatabase) => Promise<void>
  /** Module whose default export is the `Script` of the scripted provider, played where no provider key is set. */
  readonly script?: URL
  /** A run worth starting first; the banner and the demo show it. */
  readonly example?: {
    readonly agent: string
    readonly input: string
    readonly metadata?: Readonly<Record<string, string>>
  }
}
