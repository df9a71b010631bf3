import { createAdmission } from '../../../src/activities/approvals/admission.ts'
import { createActivities } from '../../../src/activities/index.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { ModelAdapter } from '../../../src/activities/models/wires/model-adapter.ts'
import type { Caller } from '../../../src/app/tool.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { Message } from '../../../src/contracts/message.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/price-overrides.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { createWorker } from '../../../src/worker/create-worker.ts'
import type { TemporalEnvironment } from '../../support/temporal.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import { requireTestRuntime, testLogger } from '../../support/test-runtime.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'

export const SECRET = 'a secret that only this test run knows'
export const ASKED: JsonObject = { amount: 9_900 }

export interface Payment {
  readonly runId: string
  readonly caller: Caller
  readonly arguments: JsonObject
}

export interface PayWorker {
  /** Every call that reached the tool. */
  readonly payments: Payment[]
  stop(): Promise<void>
}

/** The real workflow and the real activities, with one tool, `pay`, and a model that wants it called once. */
export async function startPayWorker(temporal: TemporalEnvironment, database: Database): Promise<PayWorker> {
  requireTestRuntime()
  const payments: Payment[] = []
  const pay = testTool('pay', {
    invalidArguments: ({ amount }) => (typeof amount === 'number' && amount > 0 ? [] : ['/amount']),
    async execute(args, { runId, caller }) {
      payments.push({ runId, caller, arguments: args })
      return { paid: args['amount'] ?? null }
    },
  })
  const { connection, namespace, taskQueue } = temporal
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities: createActivities({
      database,
      logger: testLogger,
      adapterFor: () => MODEL,
      prices: createPriceBook(PRICE_OVERRIDES),
      app: testApp({ tool: (name) => (name === pay.name ? pay : null), prompt: () => 'Pay once.' }),
      outside: NO_OUTSIDE,
      admits: createAdmission({ signedWith: SECRET }),
    }),
    workflowBundle: await testWorkflowBundle(),
  })
  const running = worker.run()
  return {
    payments,
    async stop() {
      worker.shutdown()
      await running
    },
  }
}

/** Asks for a payment, and then repeats what the tool said. */
const MODEL: ModelAdapter = {
  async generate({ messages }) {
    const result = messages.findLast(isToolMessage)
    return {
      message: {
        role: 'assistant',
        text: result?.content ?? '',
        toolCalls: result ? [] : [{ callId: 'call-1', tool: 'pay', arguments: ASKED }],
        wire: 'openai-responses',
        wireItems: [],
      },
      stop: result ? 'end' : 'tool_calls',
      usage: {
        inputTokens: 1,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 1,
        reasoningTokens: 0,
      },
      servedBy: 'test-model',
      requestId: null,
    }
  },
}

function isToolMessage(message: Message) {
  return message.role === 'tool'
}
