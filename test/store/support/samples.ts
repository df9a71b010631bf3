import { randomUUID } from 'node:crypto'
import type { ModelDecision } from '../../../src/contracts/models/model-call.ts'
import type { AssistantMessage, ToolMessage } from '../../../src/contracts/runs/message.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunId, RunIdentity } from '../../../src/contracts/runs/run.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import type { RequestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database, Db } from '../../../src/store/database/database.ts'
import {
  type BeginModelCall,
  type BegunModelCall,
  beginModelCall,
} from '../../../src/store/models/begin-model-call.ts'
import { type StoreModelCall, storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { acceptRun, type NewRun } from '../../../src/store/runs/accept-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import type { StoreToolResult } from '../../../src/store/tools/store-tool-result.ts'

export const samplePlan: RunPlan = {
  format: 4,
  agent: { name: 'support', version: '1' },
  prompt: { name: 'support', version: 'v1' },
  chain: [{ provider: 'openai', wire: 'openai-responses', model: 'gpt-test', maxOutputTokens: 100 }],
  degradedAnswer: 'Later, please.',
  tools: [],
  approvalTerms: { standard: APPROVAL_TERMS.standard },
  limits: {
    maxSteps: 10,
    deadlineMs: 60_000,
    historyEvents: 3_000,
    historyBytes: 2_000_000,
  },
}

export function newRun(changes: Partial<NewRun> = {}): NewRun {
  const id: RunId = changes.id ?? `run_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  return {
    id,
    tenant: 'acme',
    principal: 'ann',
    groups: [],
    workflowId: `support/acme/${id}`,
    agent: 'support',
    agentVersion: '1',
    promptVersion: 'v1',
    plan: samplePlan,
    idempotencyKey: null,
    requestSha256: 'a'.repeat(64),
    input: [{ role: 'user', text: 'Where is my order?' }],
    metadata: {},
    ...changes,
  }
}

/** A run under way. Its input stands at seq 0. */
export async function startRun(db: Db, changes: Partial<NewRun> = {}): Promise<RunIdentity> {
  const run = newRun(changes)
  await acceptRun(db, run)
  const identity: RunIdentity = { runId: run.id, tenant: run.tenant, principal: run.principal }
  await markRunStarted(db, { run: identity, plan: run.plan })
  return identity
}

export function assistantMessage(text: string, tools: readonly string[] = []): AssistantMessage {
  return {
    role: 'assistant',
    text,
    toolCalls: tools.map((tool, index) => ({ callId: `call_${index}`, tool, arguments: { order: index } })),
    wire: 'openai-responses',
    wireItems: [{ type: 'message', id: 'msg_1', content: text }],
  }
}

/** Of whatever arguments a sample call has. */
export const SHA256 = 'b'.repeat(64)

export function decisionOf(message: AssistantMessage, changes: Partial<ModelDecision> = {}): ModelDecision {
  return {
    stop: message.toolCalls.length > 0 ? 'tool_calls' : 'end',
    toolCalls: message.toolCalls.map(({ callId, tool, arguments: args }, index) => ({
      index,
      callId,
      tool,
      arguments: args,
      argumentsSha256: SHA256,
    })),
    usage: {
      inputTokens: 100,
      cachedInputTokens: 40,
      cacheWriteTokens: 0,
      outputTokens: 20,
      reasoningTokens: 5,
    },
    costMicroUsd: 1_500,
    servedBy: 'gpt-test-2026',
    preview: message.text.slice(0, 512),
    ...changes,
  }
}

/** Calls of a run's first step, as an answer of an earlier release has made them: nothing stands against them. */
export async function putCalls(db: Db, run: RunIdentity, tool: string, count = 1): Promise<void> {
  await db.query({
    text: `insert into tool_calls (run_id, step, index, tenant, call_id, tool, arguments, status)
      select $1, 1, n, $2, 'call_' || n, $3, '{}', 'requested' from generate_series(0, $4 - 1) as call (n)`,
    values: [run.runId, run.tenant, tool, count],
  })
}

export function modelCall(run: RunIdentity, changes: Partial<StoreModelCall> = {}): StoreModelCall {
  const message = changes.message ?? assistantMessage('It is on its way.')
  return {
    run,
    step: 1,
    hop: 0,
    attempt: 1,
    shared: true,
    seq: 1,
    inbox: [],
    failedHops: [],
    provider: 'openai',
    model: 'gpt-test',
    contextKey: 'same',
    requestId: 'req_1',
    message,
    notes: [],
    decision: decisionOf(message),
    latencyMs: 12,
    ...changes,
  }
}

/** A call's beginning: 100 tokens of prompt and tools, 1,000 of output at most, a micro-USD for each. */
export function beginCall(run: RunIdentity, changes: Partial<BeginModelCall> = {}): BeginModelCall {
  return {
    run,
    step: 1,
    hop: 0,
    seq: 1,
    inbox: [],
    firstTimeOf: [],
    provider: 'openai',
    model: 'gpt-test',
    agent: 'support',
    maxOutputTokens: 1_000,
    fixedTokens: 100,
    contextKey: 'same',
    rates: [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
    priceBook: 'test',
    budget: { limits: {}, floorOutputTokens: 10, onUnknownPrice: 'deny' },
    activity: 'test',
    ...changes,
  }
}

/** Begins a call that nothing stands against. */
export async function begun(
  db: Database,
  run: RunIdentity,
  changes: Partial<BeginModelCall> = {},
): Promise<BegunModelCall> {
  const begin = await beginModelCall(db, beginCall(run, changes))
  if (!('attempt' in begin)) throw new Error(`The call was not begun: ${JSON.stringify(begin)}`)
  return begin
}

/** What a call that was begun is answered with, at its place. */
export function answerTo(
  run: RunIdentity,
  { attempt, shared }: Pick<BegunModelCall, 'attempt' | 'shared'>,
  changes: Partial<StoreModelCall> = {},
): StoreModelCall {
  return modelCall(run, { attempt, shared, ...changes })
}

/** Begins a call and answers it. */
export async function storeAnswer(db: Database, call: StoreModelCall): Promise<ModelDecision> {
  const { run, step, hop, seq, inbox } = call
  const begin = await beginModelCall(db, beginCall(run, { step, hop, seq, inbox }))
  if ('stored' in begin) return begin.stored
  if (!('attempt' in begin)) throw new Error(`The call was not begun: ${JSON.stringify(begin)}`)
  return (await storeModelCall(db, { ...call, attempt: begin.attempt, shared: begin.shared })).decision
}

export function toolMessage(index: number, content = '{"ok":true}', isError = false): ToolMessage {
  return { role: 'tool', callId: `call_${index}`, tool: 'get_order', content, isError }
}

export function toolResult(
  run: RunIdentity,
  index: number,
  changes: Partial<StoreToolResult> = {},
): StoreToolResult {
  return {
    run,
    step: 1,
    index,
    again: 0,
    seq: 2 + index,
    attempt: 1,
    message: toolMessage(index),
    argumentsSha256: SHA256,
    outcome: { status: 'ok', preview: '{"ok":true}' },
    latencyMs: 3,
    ...changes,
  }
}

export function approvalRequest(
  run: RunIdentity,
  index: number,
  changes: Partial<RequestApproval> = {},
): RequestApproval {
  return {
    run,
    approvalId: `apr_${run.runId.slice(4)}_1_${index}_0`,
    agent: 'support',
    step: 1,
    index,
    tool: 'issue_refund',
    effect: 'irreversible',
    arguments: { amount: 9_900 },
    argumentsSha256: 'c'.repeat(64),
    cause: 'policy',
    rule: 'above-limit',
    terms: APPROVAL_TERMS.standard,
    expiresAt: '2030-01-02T03:04:05.678Z',
    ...changes,
  }
}
