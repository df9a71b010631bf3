import type { BudgetReached } from '../contracts/budgets/budget.ts'
import type { CacheHit } from '../contracts/cache/answer-cache.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'
import type { WindowStrategy } from '../contracts/models/context.ts'
import type { CallUsage, RunUsage } from '../contracts/models/usage.ts'
import type { RunId, RunReason, TerminalStatus } from '../contracts/runs/run.ts'
import type { RunTrace } from '../contracts/runs/run-trace.ts'
import type { Effect } from '../contracts/tools/tool.ts'
import type { DeliveryId, WebhookEvent, WebhookId } from '../contracts/webhooks/webhook.ts'
import type { RequestFact } from './request-fact.ts'

/*
 * What has happened, as spans, metrics and log lines tell it. A fact is made once, where the thing has happened and its result is stored;
 * everything that watches the product is made of facts. They hold no text of a person, a model or a tool.
 */

/** The run that a fact is about. */
export interface FactRun {
  readonly runId: RunId
  readonly tenant: string
  readonly principal: string
  readonly parentRunId?: RunId
  readonly trace: RunTrace
}

/** What a model is asked for. All but `answer` are side calls, which give the run no answer. */
export type ModelPurpose = 'answer' | 'classifier' | 'summary' | 'embedding'

/** A stretch of time of this process: milliseconds since 1970, and milliseconds. */
export interface Took {
  readonly startedAtMs: number
  readonly durationMs: number
}

/** The activity that something was done for. */
export interface ActivityScope {
  readonly run: FactRun
  readonly activity: string
  readonly agent?: string
  readonly step?: number
  /** The span of the model or tool call that it belongs to. */
  readonly spanId?: string
}

interface OfRun {
  readonly run: FactRun
  /**
   * Of what happens to the run as a whole, and of budgets, the agent that the run was started with; of model calls, the agent that asks, and
   * of tool calls and their approvals the one that has made the call.
   */
  readonly agent: string
}

interface OfStep extends OfRun {
  readonly step: number
}

export type Fact =
  /** Accepted by the API. */
  | (OfRun & { readonly type: 'run.accepted'; readonly agentVersion: string; readonly promptVersion: string })
  | (OfRun & {
      readonly type: 'run.started'
      /** From the acceptance to the start; null for a run that was resumed. */
      readonly queuedMs: number | null
    })
  | (OfRun & { readonly type: 'run.waits'; readonly waitsFor: 'approval' | 'budget' | 'models' })
  | (OfRun & { readonly type: 'run.goes_on'; readonly waitedFor: 'approval' | 'budget' | 'models' })
  | (OfRun & {
      readonly type: 'run.ended'
      readonly agentVersion: string
      readonly promptVersion: string
      readonly status: TerminalStatus
      readonly reason?: RunReason
      readonly code?: ErrorCode
      readonly steps: number
      /** From the run's acceptance to its end. */
      readonly durationMs: number
      readonly usage: RunUsage
    })
  /** One attempt of a hop that has reached its provider. */
  | (OfStep &
      Took & {
        readonly type: 'model.attempted'
        readonly hop: number
        /** Number of the attempt among those of the run. */
        readonly attempt: number
        readonly provider: string
        readonly model: string
        /** What the model was asked for: the run's answer, or something beside it. */
        readonly purpose: ModelPurpose
        readonly outcome: 'answered' | 'failed' | 'stopped'
        readonly code?: ErrorCode
        readonly servedBy?: string
        readonly stop?: string
        readonly requestId?: string | null
        readonly firstByteMs?: number
        /** Absent where nothing is known of it. */
        readonly usage?: CallUsage
        /** null where the model has no price; absent where it is not known what was used. */
        readonly costMicroUsd?: number | null
        /** The most tokens that the answer might have had. */
        readonly maxOutputTokens: number
      })
  /** No provider was asked: a breaker, a pause, a bulkhead or a limit held the call back. */
  | (OfStep & {
      readonly type: 'model.held_back'
      readonly hop: number
      readonly provider: string
      readonly model: string
      readonly code: ErrorCode
      /** null where the next model is asked instead. */
      readonly retryAfterMs: number | null
      readonly atMs: number
    })
  | (OfStep &
      Took & {
        readonly type: 'cache.asked'
        readonly hop: number
        readonly provider: string
        readonly model: string
        /** Number of the activity's attempt, which looks anew each time. */
        readonly attempt: number
        readonly outcome: CacheHit | 'miss' | 'waits'
        readonly savedMicroUsd: number
      })
  /** One attempt of a tool call. */
  | (OfStep &
      Took & {
        readonly type: 'tool.attempted'
        readonly index: number
        readonly again: number
        readonly attempt: number
        /** Made in the process that has the workflow. Attempts of such calls are counted apart from those after them. */
        readonly isLocal: boolean
        readonly callId: string
        readonly tool: string
        readonly effect: Effect
        /** `stopped`: the run has stopped it before it came to anything. */
        readonly outcome: 'ok' | 'failed' | 'outcome_unknown' | 'retried' | 'stopped'
        readonly code?: ErrorCode
      })
  /** A tool call that the run has refused before it was made: the caller may not have it called, or the policy or the budget says no. */
  | (OfStep & {
      readonly type: 'tool.refused'
      readonly index: number
      readonly callId: string
      readonly tool: string
      readonly code: ErrorCode
      /** The rule that denies, where one does. */
      readonly rule?: string
    })
  | (OfStep & {
      readonly type: 'approval.requested'
      readonly approvalId: string
      readonly tool: string
    })
  | (OfStep &
      Took & {
        readonly type: 'approval.decided'
        readonly approvalId: string
        readonly tool: string
        readonly outcome: 'approved' | 'edited' | 'rejected' | 'responded' | 'expired' | 'cancelled'
        readonly by: string
      })
  /** A limit does not cover what comes next: the run waits, goes on with cheaper models, makes its last call, or ends. */
  | (OfRun & { readonly type: 'budget.reached'; readonly reached: BudgetReached })
  | (OfStep &
      Took & {
        readonly type: 'context.compacted'
        /** Counts the agent's windows in the run. */
        readonly number: number
        readonly strategy: WindowStrategy
        readonly tokensBefore: number
        readonly tokensAfter: number
      })
  | (OfStep &
      Took & {
        readonly type: 'model.routed'
        /** null where no rule held, and the agent keeps its own models. */
        readonly rule: string | null
        /** The first model of the chosen chain. */
        readonly model: string
      })
  | (OfStep & {
      readonly type: 'agent.handed_off'
      readonly index: number
      readonly tool: string
      readonly to: string
      readonly atMs: number
    })
  | (OfStep &
      Took & {
        readonly type: 'sub_agent.ended'
        readonly index: number
        readonly tool: string
        readonly childRunId: RunId
        /** The sub-agent. */
        readonly to: string
        readonly status: TerminalStatus
      })
  /** An activity has failed and is tried again, by this worker or another one. */
  | {
      readonly type: 'activity.retried'
      readonly activity: string
      readonly runId: string | null
      /** The run's trace and tenant, where the attempt got so far that it knew the run; its agent and step, where it is about one. */
      readonly traceId?: string
      readonly tenant?: string
      readonly agent?: string
      readonly step?: number
      /** Of a model call. */
      readonly hop?: number
      readonly provider?: string
      readonly model?: string
      readonly attempt: number
      readonly code: string
    }
  /** Something was refused or taken out to protect the run: a forged message, for one. */
  | {
      readonly type: 'guard.tripped'
      readonly guard: 'forgery'
      /** Which check of the guard it was. */
      readonly problem: string
      readonly code: ErrorCode
      /** What was refused. */
      readonly activity: string
      readonly atMs: number
      /** As the refused input says it, which may name a run that is not the sender's. */
      readonly runId: string | null
      /**
       * The run that it names, as the store has it. Given with the first refusal of its kind only: whoever forges messages can repeat them
       * without end.
       */
      readonly run?: FactRun
    }
  /** A statement of the store took long. */
  | (Took & {
      readonly type: 'statement.slow'
      readonly statement: string
      /** The part of the time before there was a connection. */
      readonly waitedMs: number
      /** What it failed with. */
      readonly code?: ErrorCode
      /** The activity that has sent it; absent outside of activities. */
      readonly by?: ActivityScope
    })
  /** A worker or an API has died at about the time of a run's end, and may have taken the run's spans with it. */
  | { readonly type: 'run.spans_lost'; readonly ended: FactOf<'run.ended'> }
  | RequestFact
  /** One attempt to deliver a webhook. */
  | (Took & {
      readonly type: 'webhook.attempted'
      readonly tenant: string
      /** The run that it tells of; absent for a report. */
      readonly run?: FactRun
      readonly webhookId: WebhookId
      readonly deliveryId: DeliveryId
      readonly event: WebhookEvent
      /** How often somebody has asked for the delivery again; attempts are counted anew each time. */
      readonly round: number
      readonly attempt: number
      /** `gone`: the endpoint takes no more. */
      readonly outcome: 'delivered' | 'retried' | 'failed' | 'gone'
      readonly code?: ErrorCode
      /** Absent where no answer came. */
      readonly httpStatus?: number
    })
  /** Something that the product needs is away, or is back. */
  | { readonly type: 'outage.began'; readonly of: 'store' | 'temporal' }
  | { readonly type: 'outage.ended'; readonly of: 'store' | 'temporal'; readonly awayMs: number }

export type FactType = Fact['type']
export type FactOf<T extends FactType> = Extract<Fact, { readonly type: T }>
