import { counted, dollars } from '../../contracts/operator-words.ts'
import { type Cells, textTable } from '../../contracts/text-table.ts'
import type { DailyReportResource } from './report.schema.ts'
import { change, longDay, percent } from './report-words.ts'

type Spend = DailyReportResource['total']
type Breakdown = DailyReportResource['by_agent']

/** A report as a person reads it, in a terminal or a mail: fixed width, no markup. Parts without a content are left out. */
export function reportText(report: DailyReportResource): string {
  const parts = [
    head(report),
    spendOf(report.total),
    breakdown('By agent', report.by_agent),
    breakdown('By model', report.by_model),
    breakdown('By principal', report.by_principal),
    list('Most expensive runs', mostExpensive(report)),
    list('Runs that ended', outcomes(report)),
    list('Tools that failed', failingTools(report)),
    list('Tools that said no', refusingTools(report)),
    list('Models that failed', failingModels(report)),
    list('Saved', savings(report)),
    list('Budgets reached', budgetsReached(report)),
    list(
      'Calls without a price',
      report.unpriced.map(({ model, attempts }) => [model, counted(attempts, 'attempt')]),
    ),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function head({ tenant, day, time_zone, is_over, made_at }: DailyReportResource): string {
  const title = `${tenant}: ${longDay(day)} (${time_zone})`
  return is_over ? title : `${title}\nThe day is not over: this is what there is until ${made_at}.`
}

function spendOf(total: Spend): string {
  const { cost_micro_usd: cost, day_before_micro_usd: before, week_mean_micro_usd: mean } = total
  const lines = [
    `${dollars(cost)} spent in ${counted(total.model_calls, 'model call')} (${counted(total.attempts, 'attempt')})`,
    `${dollars(before)} the day before (${change(cost, before)}), ${dollars(mean)} in the mean of the 7 days before (${change(cost, mean)})`,
    ...(total.unknown_micro_usd > 0
      ? [`up to ${dollars(total.unknown_micro_usd)} more, for attempts whose end or price nobody knows`]
      : []),
    ...(total.open_attempts > 0
      ? [`${counted(total.open_attempts, 'attempt')} not settled when the report was made`]
      : []),
  ]
  return lines.join('\n')
}

function breakdown(title: string, { rows, others }: Breakdown): string {
  if (rows.length === 0) return ''
  const line = (key: string, spend: Spend): Cells => [
    key,
    dollars(spend.cost_micro_usd),
    dollars(spend.day_before_micro_usd),
    dollars(spend.week_mean_micro_usd),
    change(spend.cost_micro_usd, spend.week_mean_micro_usd),
    String(spend.model_calls),
  ]
  const headings: Cells = [title, 'spent', 'day before', '7-day mean', 'against it', 'calls']
  const lines = rows.map((row) => line(row.key, row))
  const rest = others === null ? [] : [line(`${others.keys} others`, others)]
  return textTable([headings, ...[...lines, ...rest].map(indented)])
}

/** The title may be wider than the first column. */
function list(title: string, rows: readonly Cells[]): string {
  return rows.length === 0 ? '' : `${title}\n${textTable(rows.map(indented))}`
}

function indented([first = '', ...rest]: Cells): Cells {
  return [`  ${first}`, ...rest]
}

function mostExpensive({ most_expensive_runs: runs }: DailyReportResource): Cells[] {
  return runs.map(({ run_id, agent, principal, cost_micro_usd: cost }) => [
    run_id,
    dollars(cost),
    `${agent}, ${principal}`,
  ])
}

function outcomes({ outcomes }: DailyReportResource): Cells[] {
  const all = outcomes.reduce((sum, { runs }) => sum + runs, 0)
  return outcomes.map(({ status, reason, runs }) => [
    reason === null ? status : `${status}, ${reason}`,
    String(runs),
    percent(runs, all),
  ])
}

function failingTools({ failing_tools: tools }: DailyReportResource): Cells[] {
  return tools.map(({ tool, calls, failed, unknown, code }) => [
    tool,
    `${failed + unknown} of ${calls}`,
    percent(failed + unknown, calls),
    [...(unknown > 0 ? [`${unknown} of unknown effect`] : []), ...(code === null ? [] : [code])].join(', '),
  ])
}

function refusingTools({ refusing_tools: tools }: DailyReportResource): Cells[] {
  return tools.map(({ tool, calls, refused, code }) => [
    tool,
    `${refused} of ${calls}`,
    percent(refused, calls),
    code,
  ])
}

function failingModels({ failing_models: models }: DailyReportResource): Cells[] {
  return models.map(({ model, attempts, failed, code }) => [
    model,
    `${failed} of ${counted(attempts, 'attempt')}`,
    percent(failed, attempts),
    code ?? '',
  ])
}

function savings({ saved: { answer_cache, prompt_cache, routing } }: DailyReportResource): Cells[] {
  const lookedUp = answer_cache.hits + answer_cache.misses
  const { cached_input_tokens: cached } = prompt_cache
  const rows: (readonly [what: string, of: number, microUsd: number, where: string])[] = [
    [
      'by answers given again',
      lookedUp,
      answer_cache.saved_micro_usd,
      `${answer_cache.hits} of ${counted(lookedUp, 'call')}`,
    ],
    ["by providers' prompt caches", cached, prompt_cache.saved_micro_usd, counted(cached, 'cached token')],
    ['by routing', routing.answers, routing.saved_micro_usd, counted(routing.answers, 'answer')],
  ]
  return rows
    .filter(([, of, microUsd]) => of > 0 || microUsd !== 0)
    .map(([what, , microUsd, where]) => [what, dollars(microUsd), where])
}

function budgetsReached({ budgets_reached: budgets }: DailyReportResource): Cells[] {
  return budgets.map(({ scope, subject, limit, period, times, runs }) => [
    scope === 'run' ? `runs of ${subject}` : `${scope} ${subject}`,
    period === null ? limit : `${limit} a ${period}`,
    `${counted(times, 'time')} in ${counted(runs, 'run')}`,
  ])
}
