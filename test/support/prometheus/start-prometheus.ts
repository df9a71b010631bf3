import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { killWithParent } from '../../../src/local/kill-with-parent.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { requirePrograms } from '../machine-programs.ts'
import { until } from '../until.ts'
import type { Pages } from './pages.ts'
import { createPrometheusClient, type PrometheusClient } from './prometheus-client.ts'
import { scaleRules } from './scale-rules.ts'

export interface PrometheusServer extends PrometheusClient {
  /** How long a time of the rules is here: a factor. */
  readonly clock: number
  close(): Promise<void>
}

export interface PrometheusOptions {
  /** For its configuration, its log, and its data in `data`. */
  readonly directory: string
  readonly pages: Pages
  /** 1 where it is not given: the rules as they are. With 1/30 `for: 5m` is 10 seconds, and `[15m]` is 30. */
  readonly clock?: number
}

interface Configuration {
  global: object
  rule_files: string[]
  scrape_configs: { job_name: string; authorization?: object; dns_sd_configs?: unknown }[]
}

const DEPLOYED = 'deploy/prometheus'

/** How often it scrapes and evaluates. A page takes up to 2 seconds while the store is slow, so it cannot be more often. */
const EVERY = '2s'

/**
 * Starts a Prometheus with the configuration and the rules of `deploy/prometheus/`. Only the targets, the place of the key and the clocks are
 * others. Resolves when it has scraped both pages.
 */
export async function startPrometheus({
  directory,
  pages,
  clock = 1,
}: PrometheusOptions): Promise<PrometheusServer> {
  requirePrograms('prometheus')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const configuration = join(directory, 'prometheus.yml')
  writeFileSync(configuration, stringify(configure(directory, pages, clock)))
  const log = join(directory, 'prometheus.log')
  const file = openSync(log, 'w')
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
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
  const client = createPrometheusClient(url)
  await until('Prometheus is ready', () => {
    if (child.exitCode !== null) throw new Error(`Prometheus has ended:\n${readFileSync(log, 'utf8')}`)
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  await client.until('up == 1', 2)
  const running = cleanup.move()
  return { ...client, clock, close: () => running.disposeAsync() }
}

/** The configuration; the key and the rules of another clock are written beside it. */
function configure(directory: string, pages: Pages, clock: number): Configuration {
  const given = parse(readFileSync(`${DEPLOYED}/prometheus.yml`, 'utf8')) as Configuration
  const key = join(directory, 'metrics-key')
  writeFileSync(key, pages.key)
  const targets: Readonly<Record<string, string>> = {
    'holdfast-api': pages.api.target,
    'holdfast-worker': pages.worker.target,
  }
  return {
    ...given,
    global: { ...given.global, scrape_interval: EVERY, scrape_timeout: EVERY, evaluation_interval: EVERY },
    rule_files: given.rule_files.map((name) => rulesOf(`${DEPLOYED}/${name}`, join(directory, name), clock)),
    scrape_configs: given.scrape_configs.map(({ dns_sd_configs: _, ...job }) => ({
      ...job,
      ...(job.authorization && { authorization: { ...job.authorization, credentials_file: key } }),
      static_configs: [{ targets: [targets[job.job_name]] }],
    })),
  }
}

/** The file of these rules by this clock: by clock 1 the very file that is deployed. */
function rulesOf(deployed: string, scaled: string, clock: number): string {
  if (clock === 1) return resolve(deployed)
  writeFileSync(scaled, scaleRules(readFileSync(deployed, 'utf8'), clock))
  return scaled
}
