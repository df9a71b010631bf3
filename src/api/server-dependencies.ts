import type { Client } from '@temporalio/client'
import type { FastifyBaseLogger } from 'fastify'
import type { App, Outside } from '../app/app.ts'
import type { TokensConfig } from '../config/tokens.ts'
import type { Database } from '../store/database/database.ts'
import type { Presence } from '../store/processes/presence.ts'
import type { Metrics } from '../telemetry/metrics/create-metrics.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { ApiLimits } from './limits/read-api-limits.ts'
import type { OpenTo } from './metrics/metrics.route.ts'

/** What a server is built from. */
export interface ServerDependencies {
  readonly app: App
  /** The application's environment and services, as this process made them. */
  readonly outside: Outside
  readonly database: Database
  readonly temporal: Client
  readonly taskQueue: string
  /** The workers' deployment in Temporal's records. */
  readonly deployment?: string
  readonly logger: FastifyBaseLogger
  readonly telemetry: Telemetry
  /** `none` takes everybody for one local principal: only where nobody else can connect. */
  readonly auth: 'keys' | 'none'
  /** The issuer whose tokens are taken beside keys. */
  readonly tokens?: TokensConfig | null
  /** Origins of pages that may call. */
  readonly corsOrigins?: readonly string[]
  /** What callers and tenants may ask for; the usual limits where nothing is said. With `none` nobody is held to any. */
  readonly limits?: ApiLimits
  /** What decisions and changes of budgets are signed with, as the workers have it; null leaves them unsigned, for `none` only. */
  readonly secret: string | null
  /** The other processes that this one works with; left out where the worker is in this process. */
  readonly presence?: Presence
  /** Aborts when the process is about to stop: `/ready` says no, so that load balancers send no more requests. */
  readonly leaving?: AbortSignal
  /** This process's metrics; those of the installation are added to them. */
  readonly metrics?: Metrics
  /** Who reads the metrics without a key; nobody where it is not said. */
  readonly metricsOpenTo?: OpenTo
  /** Where people open the Temporal Web UI, `http://host:port`; null where there is none. */
  readonly webUiUrl?: string | null
  /** Whether a Schedule has daily reports made. Left out, an existing Schedule stays as it is, and none is made. */
  readonly dailyReport?: 'on' | 'off'
  /** `host:port` of those that webhooks may reach although they are private; none where nothing is said. */
  readonly webhookHosts?: readonly string[]
  /** Whether it tells of Temporal's outages: `false` beside a worker that does, so that each is told and counted once. */
  readonly tellsOfTemporal?: boolean
}
