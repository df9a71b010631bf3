import type { DailyReport, DaySpend, SpendBreakdown } from '../../contracts/reports/report.ts'
import type { DailyReportResource } from './report.schema.ts'

export function toReportResource(report: DailyReport): DailyReportResource {
  const { saved } = report
  return {
    object: 'daily_report',
    tenant: report.tenant,
    day: report.day,
    time_zone: report.timeZone,
    starts_at: report.startsAt,
    ends_at: report.endsAt,
    is_over: report.isOver,
    made_at: report.madeAt,
    total: toSpend(report.total),
    by_agent: toBreakdown(report.byAgent),
    by_model: toBreakdown(report.byModel),
    by_principal: toBreakdown(report.byPrincipal),
    outcomes: [...report.outcomes],
    most_expensive_runs: report.mostExpensiveRuns.map((run) => ({
      run_id: run.runId,
      agent: run.agent,
      principal: run.principal,
      cost_micro_usd: run.costMicroUsd,
      unknown_micro_usd: run.unknownMicroUsd,
      attempts: run.attempts,
    })),
    failing_tools: [...report.failingTools],
    refusing_tools: [...report.refusingTools],
    failing_models: [...report.failingModels],
    saved: {
      answer_cache: {
        hits: saved.answerCache.hits,
        misses: saved.answerCache.misses,
        saved_micro_usd: saved.answerCache.savedMicroUsd,
      },
      prompt_cache: {
        cached_input_tokens: saved.promptCache.cachedInputTokens,
        saved_micro_usd: saved.promptCache.savedMicroUsd,
      },
      routing: { answers: saved.routing.answers, saved_micro_usd: saved.routing.savedMicroUsd },
    },
    budgets_reached: [...report.budgetsReached],
    unpriced: [...report.unpriced],
  }
}

function toBreakdown({ rows, others }: SpendBreakdown): DailyReportResource['by_agent'] {
  return {
    rows: rows.map((row) => ({ key: row.key, ...toSpend(row) })),
    others: others && { keys: others.keys, ...toSpend(others) },
  }
}

const DAYS_OF_WEEK = 7

function toSpend(spend: DaySpend): DailyReportResource['total'] {
  return {
    cost_micro_usd: spend.costMicroUsd,
    unknown_micro_usd: spend.unknownMicroUsd,
    input_tokens: spend.inputTokens,
    output_tokens: spend.outputTokens,
    model_calls: spend.modelCalls,
    attempts: spend.attempts,
    open_attempts: spend.openAttempts,
    unpriced_attempts: spend.unpricedAttempts,
    day_before_micro_usd: spend.dayBeforeMicroUsd,
    week_mean_micro_usd: Math.round(spend.weekBeforeMicroUsd / DAYS_OF_WEEK),
  }
}
