import type { Queries } from './panel.ts'

/** What is chosen at the top of a dashboard, as matchers of labels. */
export const CHOSEN = {
  agent: 'agent=~"$agent"',
  model: 'provider=~"$provider", model=~"$model"',
  genAiModel: 'gen_ai_provider_name=~"$provider", gen_ai_request_model=~"$model"',
  tool: 'tool=~"$tool"',
} as const

/** The median and the tail of a histogram, which the recording rules have as `metric:p95_rate15m`. */
export function quantiles(metric: string, matchers: string, legend: string): Queries {
  return Object.fromEntries(
    ['p50', 'p95', 'p99'].map((quantile) => [
      `${quantile} ${legend}`,
      `${metric}:${quantile}_rate15m{${matchers}}`,
    ]),
  )
}

/**
 * What a rare counter has counted in a time. It is often born at 1, in which `increase` sees no step: a series that is new in this time counts
 * whole.
 */
export function counted(series: string, time: string): string {
  return `(${series} unless ${series} offset ${time}) or increase(${series}[${time}])`
}
