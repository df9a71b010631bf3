import type { RunId } from '../../../src/contracts/runs/run.ts'
import { newId } from '../../../src/security/new-id.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { officePlan } from '../../support/office.ts'

/** A run that the test writes into the store step by step, as activities would. */
export interface PlayedRun {
  readonly id: RunId
  open(): Promise<void>
  /** Stores one model call, and with it one event. */
  step(): Promise<void>
  close(): Promise<void>
}

export async function acceptTestRun(
  database: Database,
  {
    tenant = 'default',
    principal = 'local',
    agent = 'assistant',
    startedBy = null,
  }: {
    tenant?: string
    principal?: string
    agent?: 'assistant' | 'support'
    startedBy?: RunRow['startedBy']
  } = {},
): Promise<RunRow> {
  const plan = officePlan(agent)
  const id = newId('run')
  const { run } = await acceptRun(database, {
    id,
    tenant,
    principal,
    startedBy,
    groups: [],
    workflowId: `${agent}/${tenant}/${id}`,
    agent,
    agentVersion: plan.agent.version,
    promptVersion: plan.prompt.version,
    plan,
    idempotencyKey: null,
    requestSha256: '',
    input: [{ role: 'user', text: 'Hello' }],
    metadata: {},
  })
  return run
}

export async function playRun(
  database: Database,
  whose: Parameters<typeof acceptTestRun>[1] = {},
): Promise<PlayedRun> {
  const { id, tenant, principal, plan } = await acceptTestRun(database, whose)
  const run = { runId: id, tenant, principal }
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  let steps = 0
  return {
    id,
    async open() {
      await markRunStarted(database, { run, plan })
    },
    async step() {
      steps += 1
      const call = {
        run,
        step: steps,
        hop: 0,
        seq: steps,
        inbox: [],
        provider: 'openai',
        model: 'test-model',
        contextKey: 'test',
      } as const
      const begun = await beginModelCall(database, {
        ...call,
        firstTimeOf: [],
        agent: plan.agent.name,
        maxOutputTokens: 10,
        fixedTokens: 0,
        rates: [{ aboveTokens: 0, inputMicroUsd: 1, outputMicroUsd: 1 }],
        priceBook: 'test',
        budget: { limits: {}, floorOutputTokens: 1, onUnknownPrice: 'deny' },
        activity: 'test',
      })
      if (!('attempt' in begun)) throw new Error('the call was not begun')
      await storeModelCall(database, {
        ...call,
        attempt: begun.attempt,
        shared: begun.shared,
        failedHops: [],
        requestId: null,
        message: { role: 'assistant', text: `Answer ${steps}`, toolCalls: [], wire: 'none', wireItems: [] },
        notes: [],
        decision: { stop: 'end', toolCalls: [], usage, costMicroUsd: 1, servedBy: 'test-model', preview: '' },
        latencyMs: 1,
      })
    },
    close: async () => {
      await closeRun(database, {
        run,
        status: 'completed',
        steps,
        answer: { seq: steps },
        approvals: [],
        failedHops: [],
      })
    },
  }
}
