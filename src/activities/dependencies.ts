import type { Logger } from 'pino'
import type { App, Outside } from '../app/app.ts'
import type { PlannedModel } from '../contracts/model.ts'
import type { Database } from '../store/database/database.ts'
import type { Admission } from './approvals/admission.ts'
import type { PriceBook } from './models/prices/price-book.ts'
import type { ModelAdapter } from './models/wires/model-adapter.ts'

/** What the activities need of the outside. */
export interface Dependencies {
  readonly database: Database
  readonly logger: Logger
  /** The adapter for a model; throws a `ModelFailure` where its provider is not configured. */
  readonly adapterFor: (model: PlannedModel) => ModelAdapter
  readonly prices: PriceBook
  /** Whether a person's message comes from whom it says: it is signed, or the configuration believes unsigned ones. */
  readonly admits: Admission
  /** The application that this worker carries: its tools, and the prompts of runs that pinned no text. */
  readonly app: Pick<App, 'tool' | 'prompt'>
  /** The application's environment and services, as this process made them. */
  readonly outside: Outside
}
