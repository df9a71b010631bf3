import type { TrafficCall, TrafficOutcome } from '../../../../src/activities/traffic/traffic.ts'

/** A call of a tenant and agent, on its way to a provider. */
export function callOf(changes: Partial<TrafficCall> & { readonly tenant?: string } = {}): TrafficCall {
  const { tenant = 'acme', ...rest } = changes
  return {
    run: { runId: 'run_1', tenant, principal: 'ann', workflowId: 'wf' } as TrafficCall['run'],
    agent: 'support',
    step: 1,
    hop: 0,
    provider: 'openai',
    model: 'gpt-test',
    fixedTokens: 1_000,
    maxOutputTokens: 1_000,
    ...rest,
  }
}

export const ANSWERED = {
  kind: 'answered',
  latencyMs: 1,
  usage: {
    inputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
  },
} as const satisfies TrafficOutcome

export const failed = (
  code: Extract<TrafficOutcome, { kind: 'failed' }>['code'],
  retryAfterMs?: number,
): TrafficOutcome => ({ kind: 'failed', code, ...(retryAfterMs !== undefined && { retryAfterMs }) })
