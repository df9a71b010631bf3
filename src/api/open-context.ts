import type { FastifyInstance } from 'fastify'
import { createOutageWatch } from '../store/database/outage-watch.ts'
import { scopedToTenant } from '../store/database/tenants/tenant-scope.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { outageFacts } from '../telemetry/outage-facts.ts'
import type { ApiContext } from './context.ts'
import { createEventHub } from './events/event-hub.ts'
import { openReaderAnnouncer } from './events/reader-announcer.ts'
import type { CallerLimits } from './limits/caller-limits.ts'
import { createReadiness, logFindings } from './processes/readiness.ts'
import { workflowLink } from './runs/workflow-link.ts'
import type { ServerDependencies } from './server-dependencies.ts'
import { describeBacklogs } from './temporal/backlog.ts'
import { createBroadcast } from './temporal/broadcast.ts'
import { findIdleBuilds } from './temporal/builds.ts'
import { callsSettled } from './temporal/call-temporal.ts'
import { createDeliveryStart } from './temporal/delivery-start.ts'
import { createReportSchedule } from './temporal/report-schedule.ts'
import { createRunSchedules } from './temporal/run-schedules.ts'
import { createRunWorkflows } from './temporal/run-workflows.ts'
import { openSuspensions } from './tenants/suspensions.ts'
import { addWebhookDispatch } from './upkeep/dispatch-webhooks.ts'
import { addSweeper } from './upkeep/sweeper.ts'

/** Opens what the routes work with, and begins the upkeep once the server listens. Closing the server ends both. */
export async function openContext(
  server: FastifyInstance,
  dependencies: ServerDependencies,
  limits: CallerLimits | null,
): Promise<ApiContext> {
  const { app, outside, database, temporal, taskQueue, telemetry, auth, secret, logger } = dependencies
  const { tellsOfTemporal = true, presence = null, leaving = STAYING } = dependencies
  const temporalWatch = tellsOfTemporal
    ? createOutageWatch(areaOf(logger, 'temporal'), outageFacts(telemetry, 'temporal'), 'Temporal')
    : undefined
  server.addHook('onClose', () => callsSettled(temporal))
  const hub = await createEventHub(database, await openReaderAnnouncer(database, server.log))
  server.addHook('preClose', async () => hub.stop())
  server.addHook('onClose', async () => hub.close())
  const broadcast = createBroadcast(areaOf(logger, 'runs'))
  server.addHook('onClose', async () => broadcast.close())
  const readiness = createReadiness({
    database,
    temporal,
    taskQueue,
    logger: areaOf(logger, 'upkeep'),
    presence,
  })
  const context: ApiContext = {
    app,
    outside,
    // A route's statements are of its caller's tenant.
    database: scopedToTenant(database),
    telemetry,
    auth,
    limits,
    secret,
    hub,
    broadcast,
    suspensions: await openSuspensions(server, database, areaOf(logger, 'http')),
    readiness,
    leaving,
    workflows: createRunWorkflows(temporal, taskQueue, temporalWatch),
    schedules: createRunSchedules(temporal, taskQueue),
    backlog: () => describeBacklogs(temporal, taskQueue),
    webhookHosts: new Set(dependencies.webhookHosts),
    linkTo: workflowLink(dependencies.webUiUrl ?? null, temporal.options.namespace),
  }
  addUpkeep(server, dependencies, context)
  await addWebhookDispatch(server, {
    database,
    start: createDeliveryStart(temporal, taskQueue, temporalWatch),
    logger: areaOf(logger, 'webhooks'),
  })
  return context
}

/** Of a process whose callers go away before it does. */
const STAYING = new AbortController().signal

function addUpkeep(server: FastifyInstance, dependencies: ServerDependencies, context: ApiContext): void {
  const { database, temporal, taskQueue, deployment = 'holdfast', dailyReport } = dependencies
  const logger = areaOf(dependencies.logger, 'upkeep')
  addSweeper(
    server,
    {
      ...context,
      database,
      taskQueue,
      logger,
      idleBuilds: () => findIdleBuilds(temporal, deployment, Date.now()),
    },
    dailyReport === undefined
      ? null
      : { reports: dailyReport, reportSchedule: createReportSchedule(temporal, taskQueue) },
  )
  // What is missing is logged and, where that is possible, made good before anybody asks.
  let logging: Promise<void> | null = null
  server.addHook('onListen', async () => {
    logging = logFindings(context.readiness, logger)
  })
  server.addHook('onClose', async () => {
    await logging
  })
}
