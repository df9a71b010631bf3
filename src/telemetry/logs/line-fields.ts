/*
 * One name a field, in all lines. The names are in docs/guides/logs.md, and test/architecture/log-fields.test.ts refuses others.
 */

/** Fields that many lines have. A line may have further ones of its own. */
interface SharedFields {
  readonly err?: unknown
  readonly runId?: string | null | undefined
  readonly traceId?: string | undefined
  readonly tenant?: string | undefined
  readonly agent?: string | undefined
  readonly step?: number | undefined
  readonly hop?: number | undefined
  /** Of an activity: more than 1 is a repetition. */
  readonly attempt?: number | undefined
  /** Among all attempts of the run's models: more than 1 is no repetition, which is `attempt`. */
  readonly modelAttempt?: number | undefined
  readonly tool?: string | undefined
  readonly callId?: string | undefined
  readonly approvalId?: string | undefined
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly code?: string | null | undefined
  readonly outcome?: string | undefined
  /** Milliseconds, as in every name with this ending. */
  readonly durationMs?: number | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** null where the price is unknown. */
  readonly costMicroUsd?: number | null | undefined
  readonly requestId?: string | undefined
  /** What a request's path names by an id, or what the request has made. */
  readonly targetId?: string | undefined
  readonly workflowId?: string | undefined
  readonly activity?: string | undefined
  readonly processId?: string | undefined
  readonly keyId?: string | undefined
  /** The `jti` of a token that has let a request in, or its subject. */
  readonly tokenId?: string | undefined
  readonly tokenIssuer?: string | undefined
  readonly count?: number | undefined
}

/** Other names for the same things, and names that would contradict pino's own fields. */
type OtherNames =
  | ('error' | 'e' | 'reqId' | 'request' | 'run' | 'run_id' | 'trace' | 'workflow' | 'approval' | 'call')
  | (
      | 'key'
      | 'process'
      | 'worker'
      | 'ms'
      | 'tookMs'
      | 'latencyMs'
      | 'elapsedMs'
      | 'awayMs'
      | 'outageMs'
      | 'lastedMs'
    )
  | ('cost' | 'tokens' | 'usage' | 'status' | 'name' | 'principalId' | 'tenantId' | 'agentName' | 'toolName')
  | ('level' | 'time' | 'msg' | 'pid' | 'hostname' | 'area')

/** What the first argument of a call of the logger must fit. */
export type LineFields = SharedFields & { readonly [N in OtherNames]?: never }
