import assert from 'node:assert/strict'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../../src/activities/models/call-model.ts'
import type { Embeddings } from '../../../../src/activities/models/embeddings/create-embeddings.ts'
import type { PriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import type { ModelAnswer, ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import type { TrafficGate } from '../../../../src/activities/traffic/traffic.ts'
import type { HopBudget } from '../../../../src/contracts/budgets/budget.ts'
import type { PlannedCache } from '../../../../src/contracts/cache/answer-cache.ts'
import type {
  CallModelInput,
  HopOutcome,
  ModelDecision,
} from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import type { PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { assistantMessage, samplePlan, startRun } from '../../../store/support/samples.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../../support/test-app.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { TOKEN_PRICES } from '../../models/support/token-prices.ts'
import { acceptedAs } from '../../support/accepted.ts'

const HOUR_MS = 3_600_000

export const EXACT: PlannedCache = { scope: 'tenant', exact: { ttlMs: HOUR_MS } }
export const SEMANTIC: PlannedCache = {
  scope: 'tenant',
  semantic: { ttlMs: HOUR_MS, threshold: 0.9, lexicalThreshold: 0.8 },
}

/** An embeddings server of one's own has no price. */
const prices: PriceBook = {
  ...TOKEN_PRICES,
  price: (call) => (call.provider === 'embeddings' ? null : TOKEN_PRICES.price(call)),
  worstRates: (provider, model) =>
    provider === 'embeddings' ? null : TOKEN_PRICES.worstRates(provider, model),
}

const USAGE = {
  inputTokens: 100,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 20,
  reasoningTokens: 0,
}

export function answerOf(text: string, changes: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    message: assistantMessage(text),
    stop: 'end',
    usage: USAGE,
    servedBy: 'gpt-test-2026',
    requestId: 'req_1',
    ...changes,
  }
}

export const LOOK_UP: PlannedTool = {
  name: 'get_order',
  effect: 'read',
  idempotency: 'key',
  execution: 'activity',
  timeoutMs: 1_000,
  attempts: 1,
  approval: { rules: [], otherwise: 'allow' },
}

/** A run of an agent with a cache, at its first model call. */
export interface CachedRun {
  readonly run: RunIdentity
  readonly plan: RunPlan
  call(changes?: Partial<CallModelInput>, attempt?: number): Promise<HopOutcome>
  /** The call, again and again until nothing has to be waited for. */
  untilAnswered(changes?: Partial<CallModelInput>): Promise<ModelDecision>
}

interface StartOptions {
  readonly cache?: PlannedCache
  readonly plan?: Partial<RunPlan>
  readonly question?: string
  readonly tenant?: string
  readonly principal?: string
}

export interface CachedAgent {
  /** What the model was asked. */
  readonly asked: ModelRequest[]
  start(options?: StartOptions): Promise<CachedRun>
}

type Answer = ModelAnswer | Error | (() => Promise<ModelAnswer>)

/** An agent whose model gives these answers in turn, and fails the test when it is asked once more. */
export function cachedAgent(
  database: Database,
  answers: Answer[],
  embeddings?: Embeddings,
  traffic: TrafficGate = inSequence([]),
): CachedAgent {
  const asked: ModelRequest[] = []
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database,
    logger: testLogger,
    prices,
    embeddings,
    app: testApp({ tool: testTool, prompt: (name, version) => `Be kind, ${name} ${version}.` }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic,
    adapterFor: () => ({
      async generate(request) {
        asked.push(request)
        const answer = answers.shift() ?? assert.fail('the model is asked too often')
        if (answer instanceof Error) throw answer
        return typeof answer === 'function' ? answer() : answer
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })

  async function start({
    cache = EXACT,
    plan: changes = {},
    question,
    ...whose
  }: StartOptions = {}): Promise<CachedRun> {
    const plan: RunPlan = { ...samplePlan, cache, ...changes }
    const input = question === undefined ? {} : { input: [{ role: 'user' as const, text: question }] }
    const run = await startRun(database, { plan, agent: plan.agent.name, ...input, ...whose })
    const call: CachedRun['call'] = (given = {}, attempt = 1) => {
      const environment = new MockActivityEnvironment(
        { attempt, workflowExecution: { workflowId: run.runId, runId: run.runId } },
        { logger: new DefaultLogger('ERROR') },
      )
      const callInput: CallModelInput = { run, step: 1, hop: 0, seq: 1, agent: plan.agent.name, ...given }
      return environment.run(callModel, callInput, acceptedAs(run, plan))
    }
    async function untilAnswered(given: Partial<CallModelInput> = {}): Promise<ModelDecision> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return answered(await call(given, attempt))
        } catch (error) {
          if (!isAwaited(error)) throw error
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    }
    return { run, plan, call, untilAnswered }
  }

  return { asked, start }
}

export function answered(outcome: HopOutcome): ModelDecision {
  return 'stop' in outcome ? outcome : assert.fail(JSON.stringify(outcome))
}

export function isAwaited(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && error.type === 'model_answer_awaited' && !error.nonRetryable
}

export function budgetOf(limits: HopBudget['limits']): HopBudget {
  return { limits, floorOutputTokens: 50, onUnknownPrice: 'deny' }
}
