import type { Logger } from 'pino'
import type { ApprovalDecision } from '../contracts/approval.ts'
import type { PlannedModel } from '../contracts/model.ts'
import type { RunId } from '../contracts/run.ts'
import type { Database } from '../store/database.ts'
import type { ModelAdapter } from './models/model-adapter.ts'
import type { Tool } from './tools/define-tool.ts'

/** What the activities need of the outside. */
export interface Dependencies {
  readonly database: Database
  readonly logger: Logger
  /** The adapter for a model; throws a `ModelFailure` where its provider is not configured. */
  readonly adapterFor: (model: PlannedModel) => ModelAdapter
  /** The tool of this name; null where this build has none. */
  readonly findTool: (name: string) => AnyTool | null
  /** Whether a decision comes from whom it says: it is signed, or the configuration believes unsigned ones. `createAdmission` makes it. */
  readonly admits: (runId: RunId, decision: ApprovalDecision) => boolean
  /** The prompt's text; null where this build does not carry the version. */
  readonly findPrompt: (name: string, version: string) => string | null
}

/** A tool whatever its name: what activities see of it. */
export type AnyTool = Omit<Tool, 'name' | 'effect' | 'idempotency'> & { readonly name: string }
