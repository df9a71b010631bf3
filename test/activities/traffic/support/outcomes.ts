import type { TrafficCall, TrafficOutcome } from '../../../../src/activities/traffic/traffic.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'

export const ANSWERED: TrafficOutcome = {
  kind: 'answered',
  usage: {
    inputTokens: 10,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  },
  latencyMs: 100,
}

export const STOPPED: TrafficOutcome = { kind: 'stopped' }

export function failedWith(code: ErrorCode): TrafficOutcome {
  return { kind: 'failed', code }
}

export function callTo(provider: string, model: string): TrafficCall {
  const run = { runId: 'run_1', tenant: 'acme', principal: 'ann' } as const
  return { run, agent: 'clerk', step: 1, hop: 0, provider, model, fixedTokens: 100, maxOutputTokens: 100 }
}
