import type { Client } from '@temporalio/client'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App, Outside } from '../app/app.ts'
import type { TokensConfig } from '../config.tokens.ts'
import { HTTP } from '../policies/api.ts'
import type { Database } from '../store/database/database.ts'
import { createOutageWatch } from '../store/database/outage-watch.ts'
import type { Presence } from '../store/processes/presence.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics/create-metrics.ts'
import { outageFacts } from '../telemetry/outage-facts.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { addAuthentication } from './access/authentication.ts'
import { addCors } from './access/cors.ts'
import { createFindCaller } from './access/find-caller.ts'
import { addKeys } from './access/keys.route.ts'
import { addAgents } from './agents/agents.route.ts'
import { addApprovals } from './approvals/approvals.route.ts'
import { addBudgets } from './budgets/budgets.route.ts'
import { addKillSwitches } from './budgets/kill-switches.route.ts'
import { addTenant } from './budgets/tenant.route.ts'
import { addUsage } from './budgets/usage.route.ts'
import { addCache } from './cache/cache.route.ts'
import type { Api, ApiContext } from './context.ts'
import { addDocs, addOpenApi } from './docs/docs.route.ts'
import { addErrors } from './docs/errors.route.ts'
import { addRunTrace } from './dossier/trace.route.ts'
import { createEventHub } from './events/event-hub.ts'
import { openReaderAnnouncer } from './events/reader-announcer.ts'
import { addRunEvents } from './events/run-events.route.ts'
import { answerClientError } from './http/connections/answer-client-error.ts'
import { createHttpServer } from './http/connections/http-server.ts'
import { addUnusedConnections } from './http/connections/unused-connections.ts'
import { addGuards } from './http/guards.ts'
import { newId } from './http/new-id.ts'
import { addProblems, answerWithProblem } from './http/problems/problems.ts'
import { addJsonBody } from './http/requests/json-body.ts'
import { parseQuery } from './http/requests/parse-query.ts'
import { addRequestFacts } from './http/requests/request-facts.ts'
import { validatorCompiler } from './http/requests/validate.ts'
import { apiReadings } from './metrics/api-readings.ts'
import { addMetrics, type OpenTo } from './metrics/metrics.route.ts'
import { addHealth } from './processes/health.route.ts'
import { createReadiness, logFindings } from './processes/readiness.ts'
import { addReports } from './reports/reports.route.ts'
import { addChangeBudget } from './runs/budget/change-budget.route.ts'
import { addCancelRun } from './runs/cancel-run.route.ts'
import { addResumeRun } from './runs/resume-run.route.ts'
import { addRunMessages } from './runs/run-messages.route.ts'
import { addRuns } from './runs/runs.route.ts'
import { addStartRun } from './runs/start-run.route.ts'
import { workflowLink } from './runs/workflow-link.ts'
import { addRunSchedule } from './schedules/run-schedule.route.ts'
import { addSchedules } from './schedules/schedules.route.ts'
import { describeBacklogs } from './temporal/backlog.ts'
import { createBroadcast } from './temporal/broadcast.ts'
import { findIdleBuilds } from './temporal/builds.ts'
import { createDeliveryStart } from './temporal/delivery-start.ts'
import { createReportSchedule } from './temporal/report-schedule.ts'
import { createRunSchedules } from './temporal/run-schedules.ts'
import { createRunWorkflows } from './temporal/run-workflows.ts'
import { addThreadMessages } from './threads/thread-messages.route.ts'
import { addThreads } from './threads/threads.route.ts'
import { addProviders } from './traffic/providers.route.ts'
import { addQueue } from './traffic/queue.route.ts'
import { addWebhookDispatch } from './upkeep/dispatch-webhooks.ts'
import { addSweeper } from './upkeep/sweeper.ts'
import { addWebhookDeliveries } from './webhooks/deliveries.route.ts'
import { addWebhooks } from './webhooks/webhooks.route.ts'

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

/**
 * The whole HTTP side, not listening yet; once it does, it also sweeps. Closing it ends event streams and waits, then the
 * requests under way and the sweep in hand.
 */
export function buildServer(dependencies: ServerDependencies): FastifyInstance {
  const {
    app,
    outside,
    database,
    temporal,
    taskQueue,
    deployment = 'holdfast',
    logger: root,
    telemetry,
    auth,
    tokens = null,
    corsOrigins = [],
    secret,
    presence = null,
    leaving = STAYING,
    metrics = createMetrics({ tenants: false }),
    metricsOpenTo = 'nobody',
    webUiUrl = null,
    dailyReport,
    webhookHosts = [],
    tellsOfTemporal = true,
  } = dependencies
  const logger = areaOf(root, 'http')
  const upkeep = areaOf(root, 'upkeep')
  const findCaller = auth === 'none' ? null : createFindCaller(database, tokens, logger)
  const server = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => newId('req'),
    bodyLimit: HTTP.bodyBytes.usual,
    serverFactory: createHttpServer,
    routerOptions: { maxParamLength: HTTP.urlCharacters, querystringParser: parseQuery },
    // Requests on connections that are still open are answered while the server stops, in place of a 503.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerWithProblem,
  })
  // Before every other hook, so that what they refuse is told as well.
  addRequestFacts(server, telemetry)
  addUnusedConnections(server)
  addCors(server, corsOrigins)
  // With keys, a page of another site has no way to send one.
  addGuards(server, { loopbackOnly: findCaller === null })
  addProblems(server)
  addAuthentication(server, findCaller)
  addJsonBody(server)
  addOpenApi(server, '1')
  server.register(async (scope) => {
    const hub = await createEventHub(database, await openReaderAnnouncer(database, scope.log))
    scope.addHook('preClose', async () => hub.stop())
    scope.addHook('onClose', async () => hub.close())
    // A connection that is kept for the next request would have to be cut later, perhaps just as that request is on its way.
    scope.addHook('onSend', async (_request, reply) => {
      if (leaving.aborted || hub.closing.aborted) reply.header('connection', 'close')
    })
    const temporalWatch = tellsOfTemporal
      ? createOutageWatch(areaOf(root, 'temporal'), outageFacts(telemetry, 'temporal'), 'Temporal')
      : undefined
    const workflows = createRunWorkflows(temporal, taskQueue, temporalWatch)
    const hosts = new Set(webhookHosts)
    const schedules = createRunSchedules(temporal, taskQueue)
    const broadcast = createBroadcast(areaOf(root, 'runs'))
    scope.addHook('onClose', async () => broadcast.close())
    const idleBuilds = () => findIdleBuilds(temporal, deployment, Date.now())
    addSweeper(
      scope,
      {
        app,
        outside,
        database,
        workflows,
        schedules,
        broadcast,
        telemetry,
        auth,
        webhookHosts: hosts,
        taskQueue,
        idleBuilds,
        logger: upkeep,
      },
      dailyReport === undefined
        ? null
        : { reports: dailyReport, reportSchedule: createReportSchedule(temporal, taskQueue) },
    )
    await addWebhookDispatch(scope, {
      database,
      start: createDeliveryStart(temporal, taskQueue, temporalWatch),
      logger: areaOf(root, 'webhooks'),
    })
    const linkTo = workflowLink(webUiUrl, temporal.options.namespace)
    const readiness = createReadiness({ database, temporal, taskQueue, logger: upkeep, presence })
    // What is missing is told and, where that is possible, made good before anybody asks.
    let telling: Promise<void> | null = null
    scope.addHook('onListen', async () => {
      telling = logFindings(readiness, upkeep)
    })
    scope.addHook('onClose', async () => {
      await telling
    })
    const api = scope.withTypeProvider<ZodTypeProvider>()
    const told = { hub, broadcast, telemetry }
    const inTemporal = { workflows, schedules, backlog: () => describeBacklogs(temporal, taskQueue) }
    const urls = { linkTo, webhookHosts: hosts }
    const context = {
      app,
      outside,
      readiness,
      leaving,
      database,
      ...inTemporal,
      ...told,
      auth,
      secret,
      ...urls,
    }
    addRoutes(api, context)
    for (const source of apiReadings({ app, database, temporal, taskQueue })) metrics.read(source)
    addMetrics(api, { metrics, openTo: metricsOpenTo })
  })
  addDocs(server)
  return server
}

/** Of a process whose callers go away before it does. */
const STAYING = new AbortController().signal

function addRoutes(api: Api, context: ApiContext): void {
  api.setValidatorCompiler(validatorCompiler)
  // The resources' types hold what the schemas promise; checking every answer once more would cost more than making it.
  api.setSerializerCompiler(() => JSON.stringify)
  addStartRun(api, context)
  addRuns(api, context)
  addRunEvents(api, context)
  addRunMessages(api, context)
  addRunTrace(api, context)
  addCancelRun(api, context)
  addResumeRun(api, context)
  addChangeBudget(api, context)
  addSchedules(api, context)
  addRunSchedule(api, context)
  addThreads(api, context)
  addThreadMessages(api, context)
  addApprovals(api, context)
  addAgents(api, context)
  addBudgets(api, context)
  addKillSwitches(api, context)
  addTenant(api, context)
  addUsage(api, context)
  addProviders(api, context)
  addQueue(api, context)
  addCache(api, context)
  addReports(api, context)
  addWebhooks(api, context)
  addWebhookDeliveries(api, context)
  addKeys(api, context)
  addHealth(api, context)
  addErrors(api)
}
