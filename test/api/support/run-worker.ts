import pino from 'pino'
import { createAdmission } from '../../../src/activities/approvals/admission.ts'
import type { Dependencies } from '../../../src/activities/dependencies.ts'
import { createActivities } from '../../../src/activities/index.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { ModelAdapter, ModelAnswer } from '../../../src/activities/models/wires/model-adapter.ts'
import type { ToolCall } from '../../../src/contracts/message.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/price-overrides.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { createWorker } from '../../../src/worker/create-worker.ts'
import { installRuntime } from '../../../src/worker/install-runtime.ts'
import { bundleWorkflows } from '../../../src/worker/workflow-bundle.ts'
import office from '../../support/office.ts'
import type { TemporalEnvironment } from '../../support/temporal.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'

const NO_USAGE = {
  inputTokens: 10,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 5,
  reasoningTokens: 0,
}
const PAYMENT = { to: 'ann', cents: 9_900 }
const HANDOFF: ToolCall = {
  callId: 'call-1',
  tool: 'handoff_to_billing',
  arguments: { reason: 'Wants money.' },
}

/**
 * Where the prompt says "money": hands the run to who can, and asks for one that needs approval. Then, or otherwise, says that
 * it is done.
 */
const adapter: ModelAdapter = {
  async generate({ messages, tools }) {
    const asksForPayment = messages.some(
      (message) => message.role === 'user' && message.text.includes('money'),
    )
    const isDone = messages.some((message) => message.role === 'tool' && message.tool === 'pay')
    if (!asksForPayment || isDone) return answer('Done.', [])
    return tools.some(({ name }) => name === HANDOFF.tool)
      ? answer('', [HANDOFF])
      : answer('', [{ callId: 'call-2', tool: 'pay', arguments: PAYMENT }])
  },
}

function answer(text: string, toolCalls: readonly ToolCall[]): ModelAnswer {
  return {
    message: { role: 'assistant', text, toolCalls, wire: 'openai-responses', wireItems: [] },
    stop: toolCalls.length > 0 ? 'tool_calls' : 'end',
    usage: NO_USAGE,
    servedBy: 'test-model',
    requestId: null,
  }
}

const logger = pino({ level: 'silent' })
// Before anything connects: the runtime is made once a process.
installRuntime(logger)

let bundle: ReturnType<typeof bundleWorkflows> | null = null

/** Runs the real workflow and the real activities, with a model of a few lines. Returns what stops it. */
export async function runWorker(
  temporal: TemporalEnvironment,
  database: Database,
  admits: Dependencies['admits'] = createAdmission('all'),
): Promise<() => Promise<void>> {
  bundle ??= bundleWorkflows()
  const { connection, namespace, taskQueue } = temporal
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities: createActivities({
      database,
      logger,
      adapterFor: () => adapter,
      prices: createPriceBook(PRICE_OVERRIDES),
      app: office,
      outside: NO_OUTSIDE,
      admits,
    }),
    workflowBundle: await bundle,
  })
  const running = worker.run()
  return async () => {
    worker.shutdown()
    await running
  }
}
