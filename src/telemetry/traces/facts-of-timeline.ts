import { hopsOf } from '../../contracts/models/chains.ts'
import { plannedAgent } from '../../contracts/runs/read-plan.ts'
import { isTerminal } from '../../contracts/runs/run.ts'
import type { RunTimeline, TimedAttempt, TimedEvent } from '../../store/record/run-timeline.ts'
import type { FactOf, FactRun, ModelPurpose } from '../facts.ts'
import type { StepFact } from './spans-of-fact.ts'

/** Summaries are booked as hops from this number on. */
const SUMMARIES = 10_000

/**
 * What the record says of calls, approvals, handoffs and sub-agents, as the facts that were told when they happened: for those whose
 * worker has died before it could send their spans.
 */
export function factsOfTimeline(timeline: RunTimeline, run: FactRun): StepFact[] {
  const agentAt = agentsBySteps(timeline)
  return [
    ...timeline.attempts.map((attempt) => attemptFact(timeline, run, agentAt(attempt.step), attempt)),
    ...timeline.toolCalls.map(
      ({ step, latencyMs, endedAtMs, status, code, effect, ...call }): FactOf<'tool.attempted'> => ({
        type: 'tool.attempted',
        run,
        agent: agentAt(step),
        step,
        ...call,
        isLocal: false,
        effect: effect ?? 'read',
        outcome: status,
        ...(code !== null && { code }),
        startedAtMs: endedAtMs - latencyMs,
        durationMs: latencyMs,
      }),
    ),
    ...timeline.cached.map(
      ({ step, hit, latencyMs, endedAtMs, ...call }): FactOf<'cache.asked'> => ({
        type: 'cache.asked',
        run,
        agent: agentAt(step),
        step,
        ...call,
        attempt: 1,
        outcome: hit,
        startedAtMs: endedAtMs - latencyMs,
        durationMs: latencyMs,
      }),
    ),
    ...timeline.approvals.map(
      ({ requestedAtMs, status, ...approval }): FactOf<'approval.decided'> => ({
        type: 'approval.decided',
        run,
        ...approval,
        agent: agentAt(approval.step),
        outcome: status,
        startedAtMs: requestedAtMs,
        durationMs: decidedAt(timeline, approval.approvalId, requestedAtMs) - requestedAtMs,
      }),
    ),
    ...timeline.children.flatMap(({ agent: to, status, startedAtMs, endedAtMs, ...child }) =>
      isTerminal(status)
        ? [
            {
              type: 'sub_agent.ended',
              run,
              agent: agentAt(child.step),
              ...child,
              tool: toolOf(timeline, child),
              to,
              status,
              startedAtMs,
              durationMs: endedAtMs - startedAtMs,
            } satisfies FactOf<'sub_agent.ended'>,
          ]
        : [],
    ),
    ...timeline.events.flatMap((event) => handoffFact(event, run, agentAt)),
  ]
}

/** The agent that has the run in a step: the one that it was handed to last before that. */
export function agentsBySteps({ run, events }: RunTimeline): (step: number) => string {
  const handoffs = events.filter(
    ({ type, to, step }) => type === 'agent.handed_off' && to !== null && step !== null,
  )
  return (step) => handoffs.findLast((handoff) => Number(handoff.step) < step)?.to ?? run.agent
}

function attemptFact(
  timeline: RunTimeline,
  run: FactRun,
  agent: string,
  attempt: TimedAttempt,
): FactOf<'model.attempted'> {
  const { step, hop, provider, model, servedBy, requestId, status, code, maxOutputTokens } = attempt
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = attempt
  return {
    type: 'model.attempted',
    run,
    agent,
    step,
    hop,
    attempt: attempt.attempt,
    provider,
    model,
    purpose: purposeOf(timeline, agent, attempt),
    // Nobody has seen the end of an unknown one: its worker was lost, or was told to stop.
    outcome: status === 'ok' ? 'answered' : status === 'failed' ? 'failed' : 'stopped',
    ...(code !== null && { code }),
    ...(servedBy !== null && { servedBy }),
    requestId,
    ...(status === 'ok' && {
      usage: { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens },
    }),
    costMicroUsd: attempt.costMicroUsd,
    maxOutputTokens,
    startedAtMs: attempt.beganAtMs,
    durationMs: attempt.endedAtMs - attempt.beganAtMs,
  }
}

function purposeOf({ run }: RunTimeline, agent: string, { hop, isEmbedding }: TimedAttempt): ModelPurpose {
  if (isEmbedding) return 'embedding'
  if (hop >= SUMMARIES) return 'summary'
  const planned = plannedAgent(run.plan, agent)
  return planned !== undefined && hop >= hopsOf(planned).length ? 'classifier' : 'answer'
}

/** By the event, whose time the run's steps go by as well. */
function decidedAt({ events }: RunTimeline, approvalId: string, otherwiseMs: number): number {
  const decided = events.find((event) => event.type === 'approval.decided' && event.approvalId === approvalId)
  return decided?.atMs ?? otherwiseMs
}

function toolOf({ events }: RunTimeline, call: { readonly step: number; readonly index: number }): string {
  const ended = events.find(
    ({ tool, step, index }) => tool !== null && step === call.step && index === call.index,
  )
  return ended?.tool ?? 'sub_agent'
}

function handoffFact(
  { type, step, index, tool, to, atMs }: TimedEvent,
  run: FactRun,
  agentAt: (step: number) => string,
): FactOf<'agent.handed_off'>[] {
  if (type !== 'agent.handed_off' || step === null || index === null || tool === null || to === null)
    return []
  return [{ type, run, agent: agentAt(step), step, index, tool, to, atMs }]
}
