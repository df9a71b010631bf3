import type { DailyReport, DaySpend } from '../../../../src/contracts/reports/report.ts'

export function spendOf(changes: Partial<DaySpend>): DaySpend {
  return {
    costMicroUsd: 0,
    unknownMicroUsd: 0,
    inputTokens: 0,
    outputTokens: 0,
    modelCalls: 0,
    attempts: 0,
    openAttempts: 0,
    unpricedAttempts: 0,
    dayBeforeMicroUsd: 0,
    weekBeforeMicroUsd: 0,
    ...changes,
  }
}

const nothing = { rows: [], others: null }

/** A report of a day without traffic. */
export function reportOf(changes: Partial<DailyReport> = {}): DailyReport {
  return {
    tenant: 'acme',
    day: '2024-03-12',
    timeZone: 'Europe/Berlin',
    startsAt: '2024-03-11T23:00:00.000Z',
    endsAt: '2024-03-12T23:00:00.000Z',
    isOver: true,
    madeAt: '2024-03-12T23:30:00.000Z',
    total: spendOf({}),
    byAgent: nothing,
    byModel: nothing,
    byPrincipal: nothing,
    outcomes: [],
    mostExpensiveRuns: [],
    failingTools: [],
    refusingTools: [],
    failingModels: [],
    saved: {
      answerCache: { hits: 0, misses: 0, savedMicroUsd: 0 },
      promptCache: { cachedInputTokens: 0, savedMicroUsd: 0 },
      routing: { answers: 0, savedMicroUsd: 0 },
    },
    budgetsReached: [],
    unpriced: [],
    ...changes,
  }
}
