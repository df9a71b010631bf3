import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { killWithParent } from '../../../../src/local/kill-with-parent.ts'
import { freePort } from '../../../../src/local/ports.ts'
import { requirePrograms } from '../../../support/machine-programs.ts'
import type { Pages } from '../../dashboards/support/pages.ts'
import { until } from '../../dashboards/support/prometheus-server.ts'
import { scaleRules } from './scale-rules.ts'

/** How often Prometheus scrapes and evaluates. A page takes up to 2 seconds while the store is slow, so it cannot be more often. */
const EVERY = '2s'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** An alert that fires, as a pager gets it. */
export interface FiringAlert {
  readonly labels: Labels
  readonly annotations: Labels
}

type Scraped = Omit<Pages, 'close'>

export interface ScaledPrometheus {
  /** How long a time of the rules is here: a factor. */
  readonly clock: number
  query(expr: string): Promise<readonly Sample[]>
  /** Resolves when the expression has a value. */
  until(expr: string): Promise<void>
  firing(): Promise<readonly FiringAlert[]>
  /** Names of the alerts that have fired since the start. */
  everFired(): Promise<readonly string[]>
  close(): Promise<void>
}

interface Configuration {
  global: object
  rule_files: string[]
  scrape_configs: { job_name: string; authorization?: object; dns_sd_configs?: unknown }[]
}

const DEPLOYED = 'deploy/prometheus'

/**
 * Starts a Prometheus with the configuration and the rules of `deploy/prometheus/`, on a faster clock. Resolves when it has scraped both pages.
 *
 * @param minuteMs how long a minute of the rules lasts: with 2 seconds `for: 5m` is 10 seconds, and `[15m]` is 30
 */
export async function startScaledPrometheus(
  directory: string,
  pages: Scraped,
  minuteMs: number,
): Promise<ScaledPrometheus> {
  requirePrograms('prometheus')
  const clock = minuteMs / 60_000
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  writeFileSync(join(directory, 'metrics-key'), pages.key)
  writeFileSync(join(directory, 'prometheus.yml'), configure(directory, pages, clock))
  const log = join(directory, 'prometheus.log')
  const file = openSync(log, 'w')
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', file, file] },
  )
  killWithParent(child)
  const ended = once(child, 'exit')
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const query = async (expr: string) => {
    const path = `query?query=${encodeURIComponent(expr)}`
    const { result } = await ask<{ result: { metric: Labels; value: [number, string] }[] }>(url, path)
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
  await until(30_000, async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus has ended:\n${readFileSync(log, 'utf8')}`)
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    return isReady && (await query('up == 1')).length === 2
  })
  const running = cleanup.move()
  return {
    clock,
    query,
    until: (expr) => until(60_000, async () => (await query(expr)).length > 0),
    async firing() {
      const { alerts } = await ask<{ alerts: (FiringAlert & { state: string })[] }>(url, 'alerts')
      return alerts.filter(({ state }) => state === 'firing')
    },
    async everFired() {
      const fired = await query('count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1h]))')
      return fired.map(({ labels }) => labels['alertname'] ?? '').sort()
    },
    close: () => running.disposeAsync(),
  }
}

/** Writes the scaled rules, and returns the configuration that reads them. */
function configure(directory: string, pages: Scraped, clock: number): string {
  const given = parse(readFileSync(`${DEPLOYED}/prometheus.yml`, 'utf8')) as Configuration
  for (const name of given.rule_files)
    writeFileSync(join(directory, name), scaleRules(readFileSync(`${DEPLOYED}/${name}`, 'utf8'), clock))
  const targets: Labels = {
    'holdfast-api': pages.api.target,
    'holdfast-worker': pages.worker.target,
  }
  return stringify({
    ...given,
    global: { ...given.global, scrape_interval: EVERY, scrape_timeout: EVERY, evaluation_interval: EVERY },
    scrape_configs: given.scrape_configs.map(({ dns_sd_configs: _, ...job }) => ({
      ...job,
      ...(job.authorization && {
        authorization: { ...job.authorization, credentials_file: join(directory, 'metrics-key') },
      }),
      static_configs: [{ targets: [targets[job.job_name]] }],
    })),
  })
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
