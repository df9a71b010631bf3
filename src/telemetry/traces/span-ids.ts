import { createHash } from 'node:crypto'
import type { FactOf, FactRun } from '../facts.ts'

/*
 * A span's id is a hash of the keys that the run knows the thing by. So whoever tells of the same thing gives it the same id: another
 * attempt, another worker, the record read later. A backend that gets a span twice has it once.
 */

type Run = Pick<FactRun, 'runId' | 'trace'>

/** The run's root span; each resumption of a run has one of its own. */
export function runSpanId(run: Run): string {
  return idOf(run, 'run')
}

export function queuedSpanId(run: Run): string {
  return idOf(run, 'queued')
}

export function stepSpanId(run: Run, step: number): string {
  return idOf(run, 'step', step)
}

/** @param attempt number of the attempt among those of the run */
export function modelSpanId(
  run: Run,
  { step, hop, attempt }: { readonly step: number; readonly hop: number; readonly attempt: number },
): string {
  return idOf(run, 'model', step, hop, attempt)
}

export function heldBackSpanId(
  run: Run,
  { step, hop, atMs }: { readonly step: number; readonly hop: number; readonly atMs: number },
): string {
  return idOf(run, 'held_back', step, hop, atMs)
}

/** A look-up in the answer cache. The one that has found the answer is the hop's only one of its kind. */
export function cacheSpanId(
  run: Run,
  { step, hop, attempt, outcome }: Pick<FactOf<'cache.asked'>, 'step' | 'hop' | 'attempt' | 'outcome'>,
): string {
  const isHit = outcome !== 'miss' && outcome !== 'waits'
  return isHit ? idOf(run, 'cache', step, hop) : idOf(run, 'cache', step, hop, outcome, attempt)
}

/** A tool call: the attempt whose outcome counts. A tool is told this id at each try, since nobody knows before which one counts. */
export function toolSpanId(run: Run, { step, index, again }: ToolCall): string {
  return idOf(run, 'tool', step, index, again)
}

/** An attempt of a tool call that the tool has failed. Attempts in the workflow's own process are counted apart from later ones. */
export function failedToolSpanId(
  run: Run,
  { step, index, again, attempt, isLocal }: ToolCall & Pick<FactOf<'tool.attempted'>, 'attempt' | 'isLocal'>,
): string {
  return idOf(run, 'tool', step, index, again, isLocal ? 'local' : 'queued', attempt)
}

interface ToolCall {
  readonly step: number
  readonly index: number
  readonly again: number
}

/** The call that a sub-agent answers. The root span of the sub-agent's run hangs on it. */
export function subAgentSpanId(run: Run, step: number, index: number): string {
  return idOf(run, 'sub_agent', step, index)
}

export function handoffSpanId(run: Run, step: number, index: number): string {
  return idOf(run, 'handoff', step, index)
}

export function approvalSpanId(run: Run, approvalId: string): string {
  return idOf(run, 'approval', approvalId)
}

export function routeSpanId(run: Run, step: number, agent: string): string {
  return idOf(run, 'route', step, agent)
}

export function compactionSpanId(run: Run, agent: string, number: number): string {
  return idOf(run, 'compaction', agent, number)
}

export function webhookSpanId(
  run: Run,
  { deliveryId, round, attempt }: Pick<FactOf<'webhook.attempted'>, 'deliveryId' | 'round' | 'attempt'>,
): string {
  return idOf(run, 'webhook', deliveryId, round, attempt)
}

/** @param seq of the event that the wait began with */
export function waitSpanId(run: Run, waitsFor: 'models' | 'budget', seq: number): string {
  return idOf(run, 'wait', waitsFor, seq)
}

/** A slow statement. Nobody but the process that has sent it tells of it. */
export function statementSpanId(
  run: Run,
  key: { readonly parentSpanId: string; readonly statement: string; readonly startedAtMs: number },
): string {
  return idOf(run, 'statement', key.parentSpanId, key.statement, key.startedAtMs)
}

/** A refusal; those of one kind are one. */
export function guardSpanId(
  run: Run,
  key: { readonly guard: string; readonly activity: string; readonly problem: string },
): string {
  return idOf(run, 'guard', key.guard, key.activity, key.problem)
}

function idOf({ runId, trace: { resumes } }: Run, ...key: readonly (string | number)[]): string {
  const text = JSON.stringify([runId, resumes, ...key])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
