import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createLruMap } from '../../contracts/lru-map.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { RunTrace } from '../../contracts/runs/run-trace.ts'
import { TRACES } from '../../policies/operations/traces.ts'
import type { RunTimeline } from '../../store/record/run-timeline.ts'
import { outsideActivities } from '../activity-scope.ts'
import type { FactOf, FactRun } from '../facts.ts'
import type { FactSink } from '../telemetry.ts'
import type { FinishedSpan } from './finished-span.ts'
import type { FindContent } from './span-content.ts'
import { spanBesideSteps } from './spans-beside-steps.ts'
import { isStepFact, spanOfFact } from './spans-of-fact.ts'
import { endedStepsOf, spansOfRun } from './spans-of-run.ts'
import { webhookSpan } from './webhook-span.ts'

export interface SpanSinkOptions {
  readonly isSampled: (trace: RunTrace) => boolean
  readonly findTimeline: (run: FactRun) => Promise<RunTimeline | null>
  readonly send: (span: FinishedSpan) => void
  /** Absent where spans are to hold nothing of what was said. */
  readonly findContent?: FindContent | undefined
  readonly logger: Pick<Logger, 'warn'>
}

export interface SpanSink extends FactSink {
  /** Resolves once the spans of all that was taken are made. */
  settled(): Promise<void>
}

interface Sent {
  readonly spanIds: Set<string>
  readonly steps: Set<number>
}

/**
 * Makes spans of facts. What is over within an activity has its span at once. The run, its steps and its waits have theirs when the run
 * ends, from the record; steps that are over have it already when the run begins to wait, which may be for weeks.
 */
export function createSpanSink({
  isSampled,
  findTimeline,
  send,
  findContent,
  logger,
}: SpanSinkOptions): SpanSink {
  const sent = createLruMap<RunId, Sent>(TRACES.runsKept)
  // One piece of work after the other: each takes statements, for which the runs under way would wait.
  let work: Promise<void> = Promise.resolve()

  function sentOf({ runId }: FactRun): Sent {
    const known = sent.get(runId) ?? { spanIds: new Set(), steps: new Set() }
    sent.set(runId, known)
    return known
  }

  /** Goes on with work that nobody waits for. It must not reject. */
  function begin(next: () => Promise<void>): void {
    work = work.then(() => outsideActivities(next))
  }

  function dispatch(run: FactRun, span: FinishedSpan): void {
    if (findContent === undefined) send(span)
    else begin(() => sendWithContent(findContent, run, span))
  }

  async function sendWithContent(find: FindContent, run: FactRun, span: FinishedSpan): Promise<void> {
    try {
      const content = await find(run, span)
      send({ ...span, attributes: { ...span.attributes, ...content } })
    } catch (err) {
      logger.warn({ err, runId: run.runId }, 'a span is sent without what was said')
      send(span)
    }
  }

  async function sendRun(ended: FactOf<'run.ended'>): Promise<void> {
    const { run } = ended
    try {
      const timeline = await untilRead(() => findTimeline(run))
      if (timeline === null) return
      const before = sentOf(run)
      for (const span of spansOfRun(timeline, ended, before)) dispatch(run, span)
      // A resumed run begins with nothing sent: its spans have other ids.
      sent.set(run.runId, { spanIds: new Set(), steps: new Set() })
    } catch (err) {
      logger.warn({ err, runId: run.runId }, 'the root span of a run could not be made')
    }
  }

  async function sendEndedSteps({ run }: FactOf<'run.waits'>): Promise<void> {
    try {
      const timeline = await untilRead(() => findTimeline(run))
      if (timeline === null) return
      for (const span of endedStepsOf(timeline, run, sentOf(run))) sendNow(run, span)
    } catch (err) {
      logger.warn({ err, runId: run.runId }, 'the steps of a run that waits could not be made')
    }
  }

  /** @param step that the span is in */
  function sendNow(run: FactRun, span: FinishedSpan, step?: number): void {
    const { spanIds, steps } = sentOf(run)
    spanIds.add(span.spanId)
    if (step !== undefined) steps.add(step)
    dispatch(run, span)
  }

  return {
    take(fact) {
      if (isStepFact(fact)) {
        if (isSampled(fact.run.trace)) sendNow(fact.run, spanOfFact(fact), fact.step)
        return
      }
      switch (fact.type) {
        case 'statement.slow':
        case 'guard.tripped': {
          const beside = spanBesideSteps(fact)
          if (beside !== null && isSampled(beside.run.trace)) sendNow(beside.run, beside.span, beside.step)
          break
        }
        case 'run.waits':
          if (isSampled(fact.run.trace)) begin(() => sendEndedSteps(fact))
          break
        case 'run.ended':
          if (isSampled(fact.run.trace)) begin(() => sendRun(fact))
          break
        case 'run.spans_lost':
          if (isSampled(fact.ended.run.trace)) begin(() => sendRun(fact.ended))
          break
        case 'webhook.attempted':
          if (fact.run !== undefined && isSampled(fact.run.trace)) send(webhookSpan(fact, fact.run))
          break
      }
    },
    async settled() {
      // A run's spans may look for content in their turn.
      for (let last: Promise<void> | null = null; last !== work; await last) last = work
    },
  }
}

async function untilRead<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read()
    } catch (error) {
      if (tries >= TRACES.readTries) throw error
      await wait(TRACES.readAgainMs, undefined, { ref: false })
    }
  }
}
