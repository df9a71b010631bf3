import type { Attributes } from '@opentelemetry/api'
import type { Fact, FactOf, FactRun, Took } from '../facts.ts'
import type { FinishedSpan } from './finished-span.ts'
import { GEN_AI, HOLDFAST, OPERATION, SPAN } from './names.ts'
import {
  approvalSpanId,
  cacheSpanId,
  compactionSpanId,
  failedToolSpanId,
  handoffSpanId,
  heldBackSpanId,
  modelSpanId,
  routeSpanId,
  stepSpanId,
  subAgentSpanId,
  toolSpanId,
} from './span-ids.ts'

/** A fact of something within a step, which is over by then. */
export type StepFact = FactOf<
  | 'model.attempted'
  | 'model.held_back'
  | 'cache.asked'
  | 'tool.attempted'
  | 'approval.decided'
  | 'context.compacted'
  | 'model.routed'
  | 'agent.handed_off'
  | 'sub_agent.ended'
>

const OF_STEP: readonly Fact['type'][] = [
  'model.attempted',
  'model.held_back',
  'cache.asked',
  'tool.attempted',
  'approval.decided',
  'context.compacted',
  'model.routed',
  'agent.handed_off',
  'sub_agent.ended',
] satisfies StepFact['type'][]

export function isStepFact(fact: Fact): fact is StepFact {
  return OF_STEP.includes(fact.type)
}

/** The span of what a fact tells of, in its step. It has no text of a person, a model or a tool. */
export function spanOfFact(fact: StepFact): FinishedSpan {
  switch (fact.type) {
    case 'model.attempted':
      return modelSpan(fact)
    case 'model.held_back':
      return {
        ...inStep(fact, heldBackSpanId(fact.run, fact), { startedAtMs: fact.atMs, durationMs: 0 }),
        name: SPAN.heldBack,
        error: fact.code,
        attributes: {
          ...aboutModel(fact),
          ...(fact.retryAfterMs !== null && { [HOLDFAST.retryAfterMs]: fact.retryAfterMs }),
        },
      }
    case 'cache.asked':
      return {
        ...inStep(fact, cacheSpanId(fact.run, fact)),
        name: SPAN.cache,
        attributes: {
          ...aboutModel(fact),
          [HOLDFAST.cache]: fact.outcome,
          [HOLDFAST.savedMicroUsd]: fact.savedMicroUsd,
        },
      }
    case 'tool.attempted':
      return toolSpan(fact)
    case 'approval.decided':
      return {
        ...inStep(fact, approvalSpanId(fact.run, fact.approvalId)),
        name: SPAN.approval,
        attributes: {
          ...about(fact),
          [GEN_AI.toolName]: fact.tool,
          [HOLDFAST.approval]: fact.approvalId,
          [HOLDFAST.approvalOutcome]: fact.outcome,
          [HOLDFAST.approvalBy]: fact.by,
        },
      }
    case 'context.compacted':
      return {
        ...inStep(fact, compactionSpanId(fact.run, fact.agent, fact.number)),
        name: SPAN.compaction,
        attributes: {
          ...about(fact),
          [HOLDFAST.window]: fact.number,
          [HOLDFAST.strategy]: fact.strategy,
          [HOLDFAST.tokensBefore]: fact.tokensBefore,
          [HOLDFAST.tokensAfter]: fact.tokensAfter,
        },
      }
    case 'model.routed':
      return {
        ...inStep(fact, routeSpanId(fact.run, fact.step, fact.agent)),
        name: SPAN.route(fact.agent),
        attributes: {
          ...about(fact),
          [GEN_AI.requestModel]: fact.model,
          ...(fact.rule !== null && { [HOLDFAST.rule]: fact.rule }),
        },
      }
    case 'agent.handed_off':
      return {
        ...inStep(fact, handoffSpanId(fact.run, fact.step, fact.index), {
          startedAtMs: fact.atMs,
          durationMs: 0,
        }),
        name: SPAN.handoff(fact.to),
        attributes: { ...about(fact), [GEN_AI.toolName]: fact.tool, [HOLDFAST.handedTo]: fact.to },
      }
    case 'sub_agent.ended':
      return subAgentSpan(fact)
  }
}

/** The span of an attempt; an error where it was to answer and has not. */
function modelSpan(fact: FactOf<'model.attempted'>): FinishedSpan {
  const { servedBy, requestId, stop, usage, costMicroUsd, firstByteMs, purpose, outcome, code } = fact
  const operation = purpose === 'embedding' ? OPERATION.embeddings : OPERATION.chat
  return {
    ...inStep(fact, modelSpanId(fact.run, fact)),
    name: `${operation} ${fact.model}`,
    kind: 'client',
    ...(outcome === 'failed' && { error: code ?? 'internal' }),
    attributes: {
      ...aboutModel(fact),
      [GEN_AI.operation]: operation,
      [GEN_AI.maxTokens]: fact.maxOutputTokens,
      ...(servedBy !== undefined && { [GEN_AI.responseModel]: servedBy }),
      ...(typeof requestId === 'string' && { [GEN_AI.responseId]: requestId }),
      ...(stop !== undefined && { [GEN_AI.finishReasons]: [stop] }),
      ...(usage !== undefined && {
        [GEN_AI.inputTokens]: usage.inputTokens,
        [GEN_AI.outputTokens]: usage.outputTokens,
        [GEN_AI.cacheReadTokens]: usage.cachedInputTokens,
        [GEN_AI.cacheWriteTokens]: usage.cacheWriteTokens,
        [HOLDFAST.reasoningTokens]: usage.reasoningTokens,
      }),
      ...(typeof costMicroUsd === 'number' && { [HOLDFAST.costMicroUsd]: costMicroUsd }),
      ...(firstByteMs !== undefined && { [HOLDFAST.firstByteMs]: firstByteMs }),
      [HOLDFAST.attempt]: fact.attempt,
      [HOLDFAST.purpose]: purpose,
      [HOLDFAST.outcome]: outcome,
    },
  }
}

function toolSpan(fact: FactOf<'tool.attempted'>): FinishedSpan {
  const { tool, callId, index, again, attempt, effect, outcome, code } = fact
  return {
    ...inStep(fact, outcome === 'retried' ? failedToolSpanId(fact.run, fact) : toolSpanId(fact.run, fact)),
    name: `${OPERATION.tool} ${tool}`,
    ...(outcome !== 'ok' && outcome !== 'stopped' && { error: code ?? 'tool_failed' }),
    attributes: {
      ...about(fact),
      [GEN_AI.operation]: OPERATION.tool,
      [GEN_AI.toolName]: tool,
      [GEN_AI.toolType]: 'function',
      [GEN_AI.toolCall]: callId,
      [HOLDFAST.callIndex]: index,
      [HOLDFAST.callAgain]: again,
      [HOLDFAST.attempt]: attempt,
      [HOLDFAST.effect]: effect,
      [HOLDFAST.outcome]: outcome,
    },
  }
}

function subAgentSpan(fact: FactOf<'sub_agent.ended'>): FinishedSpan {
  const { tool, index, childRunId, status } = fact
  return {
    ...inStep(fact, subAgentSpanId(fact.run, fact.step, index)),
    name: `${OPERATION.tool} ${tool}`,
    ...(status === 'failed' && { error: 'tool_failed' }),
    attributes: {
      ...about(fact),
      [GEN_AI.operation]: OPERATION.tool,
      [GEN_AI.toolName]: tool,
      [GEN_AI.toolType]: 'function',
      [HOLDFAST.callIndex]: index,
      [HOLDFAST.handedTo]: fact.to,
      [HOLDFAST.childRun]: childRunId,
      [HOLDFAST.status]: status,
    },
  }
}

function inStep(fact: StepFact, spanId: string, took: Took = fact as Took) {
  const { run, step } = fact
  return {
    kind: 'internal',
    traceId: run.trace.traceId,
    spanId,
    parentSpanId: stepSpanId(run, step),
    startMs: took.startedAtMs,
    endMs: took.startedAtMs + took.durationMs,
  } as const
}

interface OfStep {
  readonly run: FactRun
  readonly agent: string
  readonly step: number
}

/** What every span of a run says, so that each can be found by itself. */
export function about({ run, agent, step }: Pick<OfStep, 'run'> & Partial<OfStep>): Attributes {
  return {
    [HOLDFAST.run]: run.runId,
    [HOLDFAST.tenant]: run.tenant,
    ...(agent !== undefined && { [GEN_AI.agent]: agent }),
    ...(step !== undefined && { [HOLDFAST.step]: step }),
  }
}

function aboutModel(
  fact: OfStep & { readonly hop: number; readonly provider: string; readonly model: string },
) {
  return {
    ...about(fact),
    [GEN_AI.provider]: fact.provider,
    [GEN_AI.requestModel]: fact.model,
    [HOLDFAST.hop]: fact.hop,
  }
}
