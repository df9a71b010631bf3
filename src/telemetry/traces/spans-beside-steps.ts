import type { FactOf, FactRun } from '../facts.ts'
import type { FinishedSpan } from './finished-span.ts'
import { DB, HOLDFAST, SPAN } from './names.ts'
import { guardSpanId, runSpanId, statementSpanId, stepSpanId } from './span-ids.ts'
import { about } from './spans-of-fact.ts'

/** A fact that may belong to a run, and to a step or call of it. */
export type SideFact = FactOf<'statement.slow' | 'guard.tripped'>

export interface SideSpan {
  readonly run: FactRun
  /** The step that it belongs to. */
  readonly step?: number
  readonly span: FinishedSpan
}

/** The span of what has happened beside the calls of a run; null where it has happened to no run that is known. */
export function spanBesideSteps(fact: SideFact): SideSpan | null {
  return fact.type === 'statement.slow' ? slowStatement(fact) : trippedGuard(fact)
}

/** It may outlast its parent: the statement that ends a step, or a run, stores the time of that end before it is answered itself. */
function slowStatement(fact: FactOf<'statement.slow'>): SideSpan | null {
  const { by, statement, code, startedAtMs, durationMs, waitedMs } = fact
  if (by === undefined) return null
  const { run, step, spanId, activity } = by
  const parentSpanId = spanId ?? (step === undefined ? runSpanId(run) : stepSpanId(run, step))
  return {
    run,
    ...(step !== undefined && { step }),
    span: {
      name: SPAN.statement(statement),
      kind: 'client',
      traceId: run.trace.traceId,
      spanId: statementSpanId(run, { parentSpanId, statement, startedAtMs }),
      parentSpanId,
      startMs: startedAtMs,
      endMs: startedAtMs + durationMs,
      ...(code !== undefined && { error: code }),
      attributes: {
        ...about(by),
        [DB.system]: 'postgresql',
        [DB.summary]: statement,
        [HOLDFAST.activity]: activity,
        [HOLDFAST.waitedMs]: waitedMs,
      },
    },
  }
}

function trippedGuard(fact: FactOf<'guard.tripped'>): SideSpan | null {
  const { run, guard, problem, code, activity, atMs } = fact
  if (run === undefined) return null
  return {
    run,
    span: {
      name: SPAN.guard(guard),
      kind: 'internal',
      traceId: run.trace.traceId,
      spanId: guardSpanId(run, { guard, activity, problem }),
      parentSpanId: runSpanId(run),
      startMs: atMs,
      endMs: atMs,
      error: code,
      attributes: {
        ...about({ run }),
        [HOLDFAST.guard]: guard,
        [HOLDFAST.problem]: problem,
        [HOLDFAST.activity]: activity,
      },
    },
  }
}
