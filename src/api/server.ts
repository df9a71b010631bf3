import type { Client } from '@temporalio/client'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { HTTP } from '../policies/api.ts'
import type { Database } from '../store/database.ts'
import type { Presence } from '../store/presence.ts'
import { answerClientError } from './answer-client-error.ts'
import type { Api, ApiContext } from './api-context.ts'
import { createBroadcast } from './broadcast.ts'
import { createEventHub } from './event-hub.ts'
import { createHttpServer } from './http-server.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { newId } from './new-id.ts'
import { parseQuery } from './parse-query.ts'
import { addAuthentication } from './plugins/authentication.ts'
import { addGuards } from './plugins/guards.ts'
import { addJsonBody } from './plugins/json-body.ts'
import { addProblems, answerWithProblem } from './plugins/problems.ts'
import { addUnusedConnections } from './plugins/unused-connections.ts'
import { createReadiness, tellMissing } from './readiness.ts'
import { addAgents } from './routes/agents.ts'
import { addApprovals } from './routes/approvals.ts'
import { addBudgets } from './routes/budgets.ts'
import { addCancelRun } from './routes/cancel-run.ts'
import { addChangeBudget } from './routes/change-budget.ts'
import { addDocs, addOpenApi } from './routes/docs.ts'
import { addErrors } from './routes/errors.ts'
import { addHealth } from './routes/health.ts'
import { addKeys } from './routes/keys.ts'
import { addKillSwitches } from './routes/kill-switches.ts'
import { addResumeRun } from './routes/resume-run.ts'
import { addRunEvents } from './routes/run-events.ts'
import { addRunMessages } from './routes/run-messages.ts'
import { addRuns } from './routes/runs.ts'
import { addStartRun } from './routes/start-run.ts'
import { addTenant } from './routes/tenant.ts'
import { addUsage } from './routes/usage.ts'
import { createRunWorkflows } from './run-workflows.ts'
import { addSweeper } from './sweeper.ts'
import { validatorCompiler } from './validate.ts'
import { workflowLink } from './workflow-link.ts'

export interface ServerDependencies {
  readonly database: Database
  readonly temporal: Client
  readonly taskQueue: string
  readonly logger: FastifyBaseLogger
  /** `none` takes everybody for one local principal: only where nobody else can connect. */
  readonly auth: 'keys' | 'none'
  /** What decisions and changes of budgets are signed with, as the workers have it; null leaves them unsigned, for `none` only. */
  readonly secret: string | null
  /** The other processes that this one works with; left out where the worker is in this process. */
  readonly presence?: Presence
  /** Where people open the Temporal Web UI, `http://host:port`; null where there is none. */
  readonly webUiUrl?: string | null
}

/**
 * The whole HTTP side, not listening yet; once it does, it also sweeps. Closing it ends event streams and waits, then the
 * requests under way and the sweep in hand.
 */
export function buildServer(dependencies: ServerDependencies): FastifyInstance {
  const {
    database,
    temporal,
    taskQueue,
    logger,
    auth,
    secret,
    presence = null,
    webUiUrl = null,
  } = dependencies
  const keys = auth === 'none' ? null : createKeyRing(database, logger)
  const server = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newId('req'),
    bodyLimit: HTTP.bodyBytes.usual,
    serverFactory: createHttpServer,
    routerOptions: { maxParamLength: HTTP.urlCharacters, querystringParser: parseQuery },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerWithProblem,
  })
  addUnusedConnections(server)
  // With keys, a page of another site has no way to send one.
  addGuards(server, { loopbackOnly: keys === null })
  addProblems(server)
  addAuthentication(server, keys)
  addJsonBody(server)
  addOpenApi(server, '1')
  server.register(async (scope) => {
    const hub = await createEventHub(database)
    scope.addHook('preClose', async () => hub.stop())
    scope.addHook('onClose', async () => hub.close())
    // Connections that come free after the server has begun to stop would be kept for the next request.
    scope.addHook('onSend', async (_request, reply) => {
      if (hub.closing.aborted) reply.header('connection', 'close')
    })
    const workflows = createRunWorkflows(temporal, taskQueue)
    const broadcast = createBroadcast(scope.log)
    scope.addHook('onClose', async () => broadcast.close())
    addSweeper(scope, { database, workflows, broadcast })
    const linkTo = workflowLink(webUiUrl, temporal.options.namespace)
    const readiness = createReadiness({ database, temporal, taskQueue, logger, presence })
    // What is missing is told and, where that is possible, made good before anybody asks.
    let telling: Promise<void> | null = null
    scope.addHook('onListen', async () => {
      telling = tellMissing(readiness, logger)
    })
    scope.addHook('onClose', async () => {
      await telling
    })
    const context = { readiness, database, workflows, hub, broadcast, keys, secret, linkTo }
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), context)
  })
  addDocs(server)
  return server
}

function addRoutes(api: Api, context: ApiContext): void {
  api.setValidatorCompiler(validatorCompiler)
  // The resources' types hold what the schemas promise; checking every answer once more would cost more than making it.
  api.setSerializerCompiler(() => JSON.stringify)
  addStartRun(api, context)
  addRuns(api, context)
  addRunEvents(api, context)
  addRunMessages(api, context)
  addCancelRun(api, context)
  addResumeRun(api, context)
  addChangeBudget(api, context)
  addApprovals(api, context)
  addAgents(api)
  addBudgets(api, context)
  addKillSwitches(api, context)
  addTenant(api, context)
  addUsage(api, context)
  addKeys(api, context)
  addHealth(api, context)
  addErrors(api)
}
