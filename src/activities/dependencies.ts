import type { Logger } from 'pino'
import type { Tool as AppTool } from '../app/tool.ts'
import type { PlannedModel } from '../contracts/model.ts'
import type { Database } from '../store/database/database.ts'
import type { Admission } from './approvals/admission.ts'
import type { PriceBook } from './models/prices/price-book.ts'
import type { ModelAdapter } from './models/wires/model-adapter.ts'
import type { Tool, ToolFace } from './tools/define-tool.ts'

/** What the activities need of the outside. */
export interface Dependencies {
  readonly database: Database
  readonly logger: Logger
  /** The adapter for a model; throws a `ModelFailure` where its provider is not configured. */
  readonly adapterFor: (model: PlannedModel) => ModelAdapter
  readonly prices: PriceBook
  /** The tool of this name; null where this build has none. */
  readonly findTool: (name: string) => AnyTool | null
  /** Whether a person's message comes from whom it says: it is signed, or the configuration believes unsigned ones. */
  readonly admits: Admission
  /** The prompt's text in this build; null where it does not carry the version. */
  readonly findPrompt: (name: string, version: string) => string | null
}

/** A tool whatever its name: what activities see of it. Without `run` it is one that the run carries out itself. */
export type AnyTool = Omit<ToolFace, 'name' | 'effect' | 'idempotency'> &
  Pick<AppTool, 'facts' | 'approvers'> & {
    readonly name: string
    readonly run?: ToolHandler
  }

export type ToolHandler = Tool['run']
