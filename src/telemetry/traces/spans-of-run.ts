import type { Attributes } from '@opentelemetry/api'
import type { RunTimeline } from '../../store/record/run-timeline.ts'
import type { FactOf, FactRun } from '../facts.ts'
import { type BegunExecution, begunExecutionOf, type Execution, executionOf, isWithin } from './execution.ts'
import { agentsBySteps, factsOfTimeline } from './facts-of-timeline.ts'
import type { FinishedSpan } from './finished-span.ts'
import { GEN_AI, HOLDFAST, OPERATION, SESSION, SPAN, USER } from './names.ts'
import { queuedSpanId, runSpanId, stepSpanId } from './span-ids.ts'
import { about, type StepFact, spanOfFact } from './spans-of-fact.ts'
import { type StepTime, stepTimes } from './step-times.ts'
import { waitSpans } from './wait-spans.ts'

type Ended = FactOf<'run.ended'>

/** What this process has sent of the run before. */
export interface SentBefore {
  readonly spanIds: ReadonlySet<string>
  /** Steps that sent spans are in. */
  readonly steps: ReadonlySet<number>
}

/**
 * The spans of a run that has ended: its root, its steps and its waits, which only the record knows from beginning to end, and those of
 * calls that another process was to send. Where that one has sent them, a backend gets them twice with the same ids.
 *
 * A resumed run has a root span for each of its executions, with the same parent. Each is linked to the one before it.
 */
export function spansOfRun(timeline: RunTimeline, ended: Ended, sent: SentBefore): FinishedSpan[] {
  const { run } = ended
  const execution = executionOf(timeline, run.trace.resumes)
  if (execution === null) return []
  const facts = factsWithin(execution, timeline, run)
  const agentAt = agentsBySteps(timeline)
  const known = [...facts.map(({ step }) => step), ...sent.steps, ...unanswered(ended, execution)]
  const steps = stepTimes(execution, known)
  const ofSteps = [
    ...steps.map((time) => stepSpan(run, agentAt, time)),
    ...facts.map((fact) => within(steps, spanOfFact(fact))),
  ]
  return [
    rootSpan(ended, execution),
    ...queuedSpan(ended, execution),
    ...waitSpans(ended, execution, steps, agentAt),
    ...ofSteps.filter(({ spanId }) => !sent.spanIds.has(spanId)),
  ]
}

/**
 * The steps of a run that are over while it goes on. They are the same as those that are made when it ends: later events belong to later
 * steps.
 */
export function endedStepsOf(timeline: RunTimeline, run: FactRun, sent: SentBefore): FinishedSpan[] {
  const execution = begunExecutionOf(timeline, run.trace.resumes)
  if (execution === null) return []
  const known = factsWithin(execution, timeline, run).map(({ step }) => step)
  return stepTimes(execution, known)
    .map((time) => stepSpan(run, agentsBySteps(timeline), time))
    .filter(({ spanId }) => !sent.spanIds.has(spanId))
}

function factsWithin(execution: BegunExecution, timeline: RunTimeline, run: FactRun): StepFact[] {
  return factsOfTimeline(timeline, run).filter((fact) =>
    isWithin(execution, 'atMs' in fact ? fact.atMs : fact.startedAtMs),
  )
}

/** The step that the run has ended in, where no model has answered in it. */
function unanswered({ steps }: Ended, { startedAtMs }: Execution): number[] {
  return startedAtMs === null || steps === 0 ? [] : [steps]
}

function rootSpan(ended: Ended, { beganAtMs, endedAtMs }: Execution): FinishedSpan {
  const { run, agent, status, reason, code, usage } = ended
  const { traceId, parentSpanId, resumes } = run.trace
  const before = { ...run, trace: { ...run.trace, resumes: resumes - 1 } }
  const attributes: Attributes = {
    ...about({ run, agent }),
    [GEN_AI.operation]: OPERATION.run,
    [GEN_AI.agentVersion]: ended.agentVersion,
    [GEN_AI.conversation]: run.runId,
    [GEN_AI.inputTokens]: usage.inputTokens,
    [GEN_AI.outputTokens]: usage.outputTokens,
    [USER]: run.principal,
    [SESSION]: run.runId,
    [HOLDFAST.prompt]: ended.promptVersion,
    [HOLDFAST.status]: status,
    [HOLDFAST.steps]: ended.steps,
    ...(reason !== undefined && { [HOLDFAST.reason]: reason }),
    ...(usage.costMicroUsd !== null && { [HOLDFAST.costMicroUsd]: usage.costMicroUsd }),
    ...(run.parentRunId !== undefined && { [HOLDFAST.parentRun]: run.parentRunId }),
    ...(resumes > 0 && { [HOLDFAST.resumes]: resumes }),
  }
  return {
    name: `${OPERATION.run} ${agent}`,
    kind: 'internal',
    traceId,
    spanId: runSpanId(run),
    parentSpanId,
    startMs: beganAtMs,
    endMs: endedAtMs,
    attributes,
    ...(status === 'failed' && { error: code ?? reason ?? 'internal' }),
    ...(resumes > 0 && { linkedSpanIds: [runSpanId(before)] }),
  }
}

function queuedSpan({ run, agent }: Ended, { beganAtMs, startedAtMs, endedAtMs }: Execution): FinishedSpan[] {
  return [
    {
      ...ofRun({ run, agent }),
      name: SPAN.queued,
      spanId: queuedSpanId(run),
      startMs: beganAtMs,
      endMs: startedAtMs ?? endedAtMs,
    },
  ]
}

function stepSpan(
  run: FactRun,
  agentAt: (step: number) => string,
  { step, startMs, endMs }: StepTime,
): FinishedSpan {
  return {
    ...ofRun({ run, agent: agentAt(step), step }),
    name: SPAN.step(step),
    spanId: stepSpanId(run, step),
    startMs,
    endMs,
  }
}

function ofRun(of: Parameters<typeof about>[0]) {
  const { run } = of
  const { traceId } = run.trace
  return { kind: 'internal', traceId, parentSpanId: runSpanId(run), attributes: about(of) } as const
}

/** Moves a span into its step: the record's times are those of the store, where a call ends a moment later than for its worker. */
function within(steps: readonly StepTime[], span: FinishedSpan): FinishedSpan {
  const time = steps.find(({ step }) => step === span.attributes[HOLDFAST.step])
  if (time === undefined) return span
  const bounded = (ms: number) => Math.min(Math.max(ms, time.startMs), time.endMs)
  return { ...span, startMs: bounded(span.startMs), endMs: bounded(span.endMs) }
}
