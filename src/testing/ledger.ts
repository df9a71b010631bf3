import type { Wire } from '../contracts/models/model.ts'
import type { CallUsage } from '../contracts/models/usage.ts'
import type { Exchange } from './exchange.ts'

export type Endpoint = Wire | 'embeddings' | 'count-tokens'

/** A call that the provider bills. `model` is the one that was asked, `servedBy` the one that served. */
export interface BilledCall {
  readonly endpoint: Endpoint
  readonly model: string
  readonly servedBy: string
  readonly usage: CallUsage
}

/** What one model was asked on one endpoint, and what it costs. Costs are micro-USD, and 0 without a price. */
export interface LedgerRow {
  readonly endpoint: Endpoint
  readonly model: string
  readonly received: number
  /** Answered to the end, and billed. */
  readonly answered: number
  /** Begun, and never ended: a provider may bill them. */
  readonly brokenOff: number
  /** Ended without an answer. */
  readonly failed: number
  readonly charged: CallUsage
  readonly costMicroUsd: number
  /** What `brokenOff` would have cost if they had been whole. */
  readonly atRisk: CallUsage
  readonly atRiskMicroUsd: number
}

export interface Ledger {
  /** Books a request. What became of it is booked when it has ended. */
  receive(call: Pick<BilledCall, 'endpoint' | 'model'>, exchange: Exchange, billing?: Billing): void
  /** Rows in the order in which their first requests came. */
  rows(): readonly LedgerRow[]
}

interface Billing {
  /** The model that served, once that is known. */
  readonly servedBy?: () => string
  /** Settles when the answer has ended, where that is not when its connection ends. */
  readonly settled?: Promise<void>
}

type Row = { -readonly [Key in keyof LedgerRow]: LedgerRow[Key] }

const NO_TOKENS: CallUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}

export function createLedger(price: (call: BilledCall) => number = () => 0): Ledger {
  const rows = new Map<string, Row>()

  function rowOf(endpoint: Endpoint, model: string): Row {
    const key = `${endpoint} ${model}`
    const row = rows.get(key) ?? newRow(endpoint, model)
    rows.set(key, row)
    return row
  }

  return {
    receive({ endpoint, model }, { outcome }, { servedBy = () => model, settled = outcome.closed } = {}) {
      const row = rowOf(endpoint, model)
      row.received += 1
      void settled.then(() => {
        const { charged, begun } = outcome
        const usage = charged ?? begun
        if (usage === null) {
          row.failed += 1
          return
        }
        const costMicroUsd = price({ endpoint, model, servedBy: servedBy(), usage })
        if (charged !== null) {
          row.answered += 1
          row.charged = sum(row.charged, usage)
          row.costMicroUsd += costMicroUsd
        } else {
          row.brokenOff += 1
          row.atRisk = sum(row.atRisk, usage)
          row.atRiskMicroUsd += costMicroUsd
        }
      })
    },
    rows: () => [...rows.values()].map((row) => ({ ...row })),
  }
}

function newRow(endpoint: Endpoint, model: string): Row {
  const none = { received: 0, answered: 0, brokenOff: 0, failed: 0 }
  return {
    endpoint,
    model,
    ...none,
    charged: NO_TOKENS,
    costMicroUsd: 0,
    atRisk: NO_TOKENS,
    atRiskMicroUsd: 0,
  }
}

function sum(one: CallUsage, other: CallUsage): CallUsage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
  }
}
