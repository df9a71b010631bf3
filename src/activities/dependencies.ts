import type { Logger } from 'pino'
import type { App, Outside } from '../app/app.ts'
import type { PlannedModel } from '../contracts/models/model.ts'
import type { Database } from '../store/database/database.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Admission } from './approvals/admission.ts'
import type { ExchangeKeeper } from './dossier/exchange-keeper.ts'
import type { RunReaders } from './events/run-readers.ts'
import type { Embeddings } from './models/embeddings/create-embeddings.ts'
import type { PriceBook } from './models/prices/price-book.ts'
import type { ModelAdapter } from './models/wires/model-adapter.ts'
import type { TrafficGate } from './traffic/traffic.ts'
import type { WebhookClient } from './webhooks/webhook-client.ts'

/** What a worker gives its activities. */
export interface Dependencies {
  readonly database: Database
  readonly logger: Logger
  /** The logger of the application's handlers; `logger` where it is not given. */
  readonly appLogger?: Logger
  /** Whether what models and tools are given and answer is logged, at level debug. It is not where nothing is said. */
  readonly logsContent?: boolean | undefined
  /** Is told of everything that has happened, once it is stored. */
  readonly telemetry: Telemetry
  /** The adapter for a model; throws a `ModelFailure` where its provider is not configured. */
  readonly adapterFor: (model: PlannedModel) => ModelAdapter
  readonly prices: PriceBook
  /** Lets model calls through to their providers, or holds them back. */
  readonly traffic: TrafficGate
  /** Tells the answer cache which questions mean the same. Absent where no embeddings server is configured. */
  readonly embeddings?: Embeddings | undefined
  /** Keeps what goes over the wire to providers. Absent where the configuration keeps no dossiers. */
  readonly exchanges?: ExchangeKeeper | undefined
  /** Who reads along; only they are told of text on its way. */
  readonly readers: RunReaders
  /** Verifies the author of a person's message: it is signed, or the configuration accepts unsigned ones. */
  readonly admits: Admission
  /** Posts webhooks. Where it is not given they reach public addresses alone. */
  readonly webhooks?: WebhookClient | undefined
  /** The worker's application: its tools and output schemas, and the prompts of runs whose plans have no hash of the text. */
  readonly app: Pick<App, 'tool' | 'prompt' | 'answerSchema'>
  /** The application's environment and services in this process. */
  readonly outside: Outside
}
