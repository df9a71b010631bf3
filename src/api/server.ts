import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { HTTP } from '../policies/api.ts'
import { newId } from '../security/new-id.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { createMetrics } from '../telemetry/metrics/create-metrics.ts'
import { addAuthentication } from './access/authentication.ts'
import { addCors } from './access/cors.ts'
import { createFindCaller } from './access/find-caller.ts'
import { addDocs, addOpenApi } from './docs/docs.route.ts'
import { answerClientError } from './http/connections/answer-client-error.ts'
import { createHttpServer } from './http/connections/http-server.ts'
import { addUnusedConnections } from './http/connections/unused-connections.ts'
import { addGuards } from './http/guards.ts'
import { addProblems, answerWithProblem } from './http/problems/problems.ts'
import { addJsonBody } from './http/requests/json-body.ts'
import { onceOver } from './http/requests/once-over.ts'
import { parseQuery } from './http/requests/parse-query.ts'
import { addRequestFacts, recordRefusals, unfinishedOn } from './http/requests/request-facts.ts'
import { createRouteTable } from './http/route-table.ts'
import { boundLargeBodies } from './limits/bound-large-bodies.ts'
import { addCallerLimits } from './limits/caller-limits.ts'
import { createLoadGate } from './limits/load-gate.ts'
import { readApiLimits } from './limits/read-api-limits.ts'
import { refuseEarly, shedLoad } from './limits/shed-load.ts'
import { apiReadings } from './metrics/api-readings.ts'
import { addMetrics } from './metrics/metrics.route.ts'
import { openContext } from './open-context.ts'
import { addRoutes } from './routes.ts'
import type { ServerDependencies } from './server-dependencies.ts'
import { addTenantAdmission } from './tenants/admit-tenants.ts'

/**
 * The whole HTTP side, not listening yet; once it does, it also sweeps. Closing it ends event streams and waits, then the
 * requests under way and the sweep in hand.
 */
export function buildServer(dependencies: ServerDependencies): FastifyInstance {
  const { database, telemetry, auth, secret, tokens = null, corsOrigins = [] } = dependencies
  const logger = areaOf(dependencies.logger, 'http')
  const findCaller = auth === 'none' ? null : createFindCaller(database, tokens, secret, logger)
  const onRefusal = recordRefusals(telemetry)
  const gate = createLoadGate({ database, telemetry, logger })
  const routes = createRouteTable()
  const server = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => newId('req'),
    bodyLimit: HTTP.bodyBytes.usual,
    serverFactory: (handle) =>
      createHttpServer(refuseEarly(handle, { gate, routes, onRefusal }), onRefusal, (cut) =>
        logger.warn(cut, 'connections hold too much: those that held most were cut off'),
      ),
    routerOptions: { maxParamLength: HTTP.urlCharacters, querystringParser: parseQuery },
    // Requests on connections that are still open are answered while the server stops, in place of a 503.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, onRefusal, unfinishedOn(socket)),
    frameworkErrors(error, request, reply) {
      // No hook sees such a request, so that its fact is recorded here.
      request.facts = {}
      answerWithProblem(error, request, reply)
      const { code = 'internal' } = request.facts
      onRefusal({ requestId: request.id, status: reply.statusCode, code, method: request.method })
    },
  })
  // Before every other hook, so that what they refuse is told as well.
  const whenOver = onceOver(server)
  addRequestFacts(server, telemetry, whenOver)
  addUnusedConnections(server)
  addCors(server, corsOrigins)
  // With keys, a page of another site has no way to send one.
  addGuards(server, { loopbackOnly: findCaller === null })
  addProblems(server, routes)
  // Before a caller is looked up, which is work.
  shedLoad(server, gate, whenOver)
  addAuthentication(server, findCaller)
  const limitsOf = dependencies.limits ?? readApiLimits(null)
  const limits = findCaller && addCallerLimits(server, { limitsOf, database, telemetry, logger })
  boundLargeBodies(server, telemetry)
  addJsonBody(server)
  addOpenApi(server, '1')
  server.register(async (scope) => {
    const context = await openContext(scope, dependencies, limits)
    // A connection that is kept for the next request would have to be cut later, perhaps just as that request is on its way.
    scope.addHook('onSend', async (_request, reply) => {
      if (context.leaving.aborted || context.hub.closing.aborted) reply.header('connection', 'close')
    })
    addTenantAdmission(scope, { database, suspensions: context.suspensions })
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), context)
    addMetricsPage(scope, dependencies)
  })
  addDocs(server)
  return server
}

function addMetricsPage(scope: FastifyInstance, dependencies: ServerDependencies): void {
  const { app, database, temporal, taskQueue, metricsOpenTo = 'nobody' } = dependencies
  const { metrics = createMetrics({ tenants: false }) } = dependencies
  for (const source of apiReadings({ app, database, temporal, taskQueue })) metrics.read(source)
  addMetrics(scope.withTypeProvider<ZodTypeProvider>(), { metrics, openTo: metricsOpenTo })
}
