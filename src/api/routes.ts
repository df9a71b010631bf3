import { addKeys } from './access/keys.route.ts'
import { addAgents } from './agents/agents.route.ts'
import { addApprovals } from './approvals/approvals.route.ts'
import { addBudgets } from './budgets/budgets.route.ts'
import { addKillSwitches } from './budgets/kill-switches.route.ts'
import { addTenant } from './budgets/tenant.route.ts'
import { addUsage } from './budgets/usage.route.ts'
import { addCache } from './cache/cache.route.ts'
import type { Api, ApiContext } from './context.ts'
import { addErrors } from './docs/errors.route.ts'
import { addRunTrace } from './dossier/trace.route.ts'
import { addRunEvents } from './events/run-events.route.ts'
import { addFiles } from './files/files.route.ts'
import { validatorCompiler } from './http/requests/validate.ts'
import { addMemories } from './memory/memories.route.ts'
import { addHealth } from './processes/health.route.ts'
import { addReports } from './reports/reports.route.ts'
import { addChangeBudget } from './runs/budget/change-budget.route.ts'
import { addCancelRun } from './runs/cancel-run.route.ts'
import { addResumeRun } from './runs/resume-run.route.ts'
import { addRunMessages } from './runs/run-messages.route.ts'
import { addRuns } from './runs/runs.route.ts'
import { addStartRun } from './runs/start-run.route.ts'
import { addTokens } from './runs/tokens/tokens.route.ts'
import { addRunSchedule } from './schedules/run-schedule.route.ts'
import { addSchedules } from './schedules/schedules.route.ts'
import { addTenantKeys } from './tenants/tenant-keys.route.ts'
import { addTenants } from './tenants/tenants.route.ts'
import { addThreadMessages } from './threads/thread-messages.route.ts'
import { addThreads } from './threads/threads.route.ts'
import { addProviders } from './traffic/providers.route.ts'
import { addQueue } from './traffic/queue.route.ts'
import { addWebhookDeliveries } from './webhooks/deliveries.route.ts'
import { addWebhooks } from './webhooks/webhooks.route.ts'

/** Every resource of the API. */
export function addRoutes(api: Api, context: ApiContext): void {
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
  addMemories(api, context)
  addFiles(api, context)
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
  addTenants(api, context)
  addTenantKeys(api, context)
  addTokens(api, context)
  addHealth(api, context)
  addErrors(api)
}
