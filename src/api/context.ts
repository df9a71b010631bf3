import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App, Outside } from '../app/app.ts'
import type { Database } from '../store/database/database.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { EventHub } from './events/event-hub.ts'
import type { CallerLimits } from './limits/caller-limits.ts'
import type { Readiness } from './processes/readiness.ts'
import type { WorkflowLink } from './runs/workflow-link.ts'
import type { TaskQueueBacklog } from './temporal/backlog.ts'
import type { Broadcast } from './temporal/broadcast.ts'
import type { RunSchedules } from './temporal/run-schedules.ts'
import type { RunWorkflows } from './temporal/run-workflows.ts'
import type { Suspensions } from './tenants/suspensions.ts'

/** What the routes work with. */
export interface ApiContext {
  readonly app: App
  /** The application's environment and services, as this process made them. */
  readonly outside: Outside
  readonly database: Database
  readonly workflows: RunWorkflows
  readonly schedules: RunSchedules
  readonly hub: EventHub
  readonly broadcast: Broadcast
  readonly suspensions: Suspensions
  /** Whether callers are asked for a credential. */
  readonly auth: 'keys' | 'none'
  /** What callers and tenants are held to; null where nobody is asked who they are. */
  readonly limits: CallerLimits | null
  /** What decisions and changes of budgets are signed with. */
  readonly secret: string | null
  readonly linkTo: WorkflowLink
  /** `host:port` of those that webhooks may reach although they are private. */
  readonly webhookHosts: ReadonlySet<string>
  readonly telemetry: Telemetry
  /** What waits in Temporal for a worker. Throws Problem `unavailable` where Temporal does not say. */
  readonly backlog: () => Promise<TaskQueueBacklog>
  /** Whether everything is there that runs need. */
  readonly readiness: () => Promise<Readiness>
  /** Aborts when the process is about to stop. */
  readonly leaving: AbortSignal
}

/** A server whose routes have zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
