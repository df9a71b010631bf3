import { until } from '../until.ts'

export type Labels = Readonly<Record<string, string>>

/** A series with its value at a moment. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** An alert that fires, as a pager gets it. */
export interface FiringAlert {
  readonly labels: Labels
  readonly annotations: Labels
}

/** What a running Prometheus is asked. */
export interface PrometheusClient {
  /** The samples of a query at this moment, those that are numbers. */
  query(expr: string): Promise<readonly Sample[]>
  /** Resolves when a query has so many samples, at least. */
  until(expr: string, samples?: number): Promise<void>
  /** Resolves when both pages have been scraped, and every rule was evaluated after that. */
  catchUp(): Promise<void>
  firing(): Promise<readonly FiringAlert[]>
  /** Names of the alerts that have fired in the last hour. */
  everFired(): Promise<readonly string[]>
  /** What is wrong with the scrapes and the rules; empty where nothing is. */
  problems(): Promise<readonly string[]>
}

interface RuleGroup {
  readonly lastEvaluation: string
  readonly rules: readonly { readonly name: string; readonly lastError?: string }[]
}

export function createPrometheusClient(url: string): PrometheusClient {
  async function query(expr: string): Promise<readonly Sample[]> {
    const path = `query?query=${encodeURIComponent(expr)}`
    const { result } = await ask<{ result: { metric: Labels; value: [number, string] }[] }>(url, path)
    return result
      .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
      .filter(({ value }) => !Number.isNaN(value))
  }

  async function ruleGroups(): Promise<readonly RuleGroup[]> {
    return (await ask<{ groups: readonly RuleGroup[] }>(url, 'rules')).groups
  }

  const untilSamples = async (expr: string, samples = 1) => {
    await until(`${samples} × ${expr}`, async () => (await query(expr)).length >= samples)
  }

  return {
    query,
    until: untilSamples,
    async catchUp() {
      await untilSamples(`timestamp(up) > ${Date.now() / 1_000}`, 2)
      const scrapedAtMs = Date.now()
      await until('every rule is evaluated', async () =>
        (await ruleGroups()).every(({ lastEvaluation }) => Date.parse(lastEvaluation) > scrapedAtMs),
      )
    },
    async firing() {
      const { alerts } = await ask<{ alerts: (FiringAlert & { state: string })[] }>(url, 'alerts')
      return alerts.filter(({ state }) => state === 'firing')
    },
    async everFired() {
      const fired = await query('count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1h]))')
      return fired.map(({ labels }) => labels['alertname'] ?? '').sort()
    },
    async problems() {
      const { activeTargets } = await ask<{ activeTargets: { scrapeUrl: string; lastError: string }[] }>(
        url,
        'targets',
      )
      const rules = (await ruleGroups()).flatMap((group) => group.rules)
      return [
        ...activeTargets.flatMap((t) => (t.lastError === '' ? [] : [`${t.scrapeUrl}: ${t.lastError}`])),
        ...rules.flatMap((rule) => (rule.lastError ? [`${rule.name}: ${rule.lastError}`] : [])),
      ]
    },
  }
}

async function ask<T>(url: string, path: string): Promise<T> {
  const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as {
    readonly status: string
    readonly error?: string
    readonly data: T
  }
  if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
  return answer.data
}
