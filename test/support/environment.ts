import shop from '../../examples/shop/app.ts'
import SCRIPT from '../../examples/shop/script/index.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import { type Service, startService } from '../../src/local/start-service.ts'
import type { Database } from '../../src/store/database/database.ts'
import type { Script } from '../../src/testing/script.ts'
import { type ScriptedProvider, startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import { openPgliteTestDatabase } from './pglite.ts'
import { openPostgresTestDatabase } from './postgres-database.ts'
import { seedShop, shopPlan } from './shop.ts'
import { type StartedPlan, startPlan } from './start-plan.ts'
import { type TemporalEnvironment, temporalEnvironment } from './temporal.ts'
import { requireTestRuntime, testLogger } from './test-runtime.ts'
import { testWorkflowBundle } from './workflow-bundle.ts'

export interface EnvironmentOptions {
  readonly store?: Database['kind']
  readonly script?: Script
  /** How many requests the scripted provider records: a long conversation would fill the memory. */
  readonly keepRequests?: number
  /** Asks callers for keys, and signals for this signature. Without it the service is open. */
  readonly secret?: string
}

/** The whole system in this process: API, worker, store and scripted models, over the test run's Temporal server. */
export interface Environment {
  readonly service: Service
  readonly temporal: TemporalEnvironment
  readonly database: Database
  readonly provider: ScriptedProvider
  /** Starts a run of a plan that no agent has, as the API would start it. */
  startPlan(plan: RunPlan, input: string): Promise<StartedPlan>
  close(): Promise<void>
}

export async function startEnvironment({
  store = 'pglite',
  script = SCRIPT,
  keepRequests = 1_000,
  secret,
}: EnvironmentOptions = {}): Promise<Environment> {
  await using cleanup = new AsyncDisposableStack()
  requireTestRuntime()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const opened = store === 'pglite' ? await openPgliteTestDatabase() : await openPostgresTestDatabase()
  cleanup.defer(() => opened.close())
  const { database } = opened
  await seedShop(database)
  const provider = await startScriptedProvider({ script, keep: keepRequests })
  cleanup.defer(() => provider.close())
  const service = await startService({
    app: shop,
    temporal,
    database,
    providers: {
      openai: { apiKey: 'test', baseUrl: `${provider.url}/v1` },
      anthropic: { apiKey: 'test', baseUrl: provider.url },
    },
    api: { host: '127.0.0.1', port: 0 },
    access: secret === undefined ? 'open' : { secret },
    webUiUrl: null,
    logger: testLogger,
    workflowBundle: await testWorkflowBundle(),
    // Of the same length on every machine: most events of a history contain it, and tests count bytes.
    identity: `${process.pid}@test`,
  })
  cleanup.defer(() => service.stop())
  const open = cleanup.move()

  return {
    service,
    temporal,
    database,
    provider,
    startPlan: (plan, input) => startPlan(database, temporal, plan, input),
    close: () => open.disposeAsync(),
  }
}

/**
 * One agent with all that the support team can do itself, with other limits and no budget: handing over, sub-agents and
 * budgets have tests of their own.
 */
export function supportPlan({ approvalTimeoutMs, ...limits }: PlanChanges = {}): RunPlan {
  const { specialists = {}, subAgents: _, budget: __, ...plan } = shopPlan('support')
  const team = [plan, ...Object.values(specialists)].flatMap(({ tools }) => tools)
  const own = team.filter(({ execution }) => execution === 'local' || execution === 'activity')
  const { standard } = plan.approvalTerms
  const timeoutMs = approvalTimeoutMs ?? standard.timeoutMs
  return {
    ...plan,
    tools: [...new Map(own.map((tool) => [tool.name, tool])).values()],
    limits: { ...plan.limits, ...limits },
    approvalTerms: { ...plan.approvalTerms, standard: { ...standard, timeoutMs } },
  }
}

type PlanChanges = Partial<RunPlan['limits']> & { readonly approvalTimeoutMs?: number }

/** The same, with a person asked before any call of this tool. */
export function askingPlan(tool: string, limits: PlanChanges = {}): RunPlan {
  const plan = supportPlan(limits)
  const approval = { rules: [], otherwise: 'ask' } as const
  return { ...plan, tools: plan.tools.map((row) => (row.name === tool ? { ...row, approval } : row)) }
}
