import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { requirePrograms } from '../../../support/machine-programs.ts'
import type { Pages } from './pages.ts'

/** A series with its value at a moment. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface PrometheusServer {
  /** The samples of a query at this moment, those that are numbers. */
  query(expr: string): Promise<readonly Sample[]>
  /** Resolves when both pages have been scraped, and every rule was evaluated after that. */
  catchUp(): Promise<void>
  /** What is wrong with the scrapes and the rules; empty where nothing is. */
  problems(): Promise<readonly string[]>
  close(): Promise<void>
}

interface Configuration {
  global: Record<string, unknown>
  rule_files: string[]
  scrape_configs: {
    job_name: string
    authorization?: Record<string, unknown>
    dns_sd_configs?: unknown
    static_configs?: unknown
  }[]
}

/**
 * Starts a Prometheus with the configuration and the rules of `deploy/prometheus/`, which scrapes these pages. Only the targets, the place of
 * the key and the clock are others: it scrapes and evaluates every 2 seconds.
 */
export async function startPrometheus(directory: string, pages: Pages): Promise<PrometheusServer> {
  requirePrograms('prometheus')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  writeFileSync(join(directory, 'metrics-key'), pages.key)
  writeFileSync(join(directory, 'prometheus.yml'), stringify(configuration(directory, pages)))
  const log = join(directory, 'prometheus.log')
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')] },
  )
  const close = async () => {
    if (child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
  try {
    await until(20_000, async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus has ended:\n${readFileSync(log, 'utf8')}`)
      return await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    })
  } catch (error) {
    await close()
    throw error
  }
  return {
    query: (expr) => query(url, expr),
    catchUp: () => catchUp(url),
    problems: () => problems(url),
    close,
  }
}

function configuration(directory: string, pages: Pages): Configuration {
  const file = 'deploy/prometheus/prometheus.yml'
  const given = parse(readFileSync(file, 'utf8')) as Configuration
  const targets: Record<string, string> = {
    'holdfast-api': pages.api.target,
    'holdfast-worker': pages.worker.target,
  }
  return {
    ...given,
    global: { ...given.global, scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
    rule_files: given.rule_files.map((name) => resolve(file, '..', name)),
    scrape_configs: given.scrape_configs.map(({ dns_sd_configs: _, ...job }) => ({
      ...job,
      ...(job.authorization && {
        authorization: { ...job.authorization, credentials_file: join(directory, 'metrics-key') },
      }),
      static_configs: [{ targets: [targets[job.job_name]] }],
    })),
  }
}

interface Answer<T> {
  readonly status: string
  readonly error?: string
  readonly data: T
}

async function ask<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as Answer<T>
  if (answer.status !== 'success') throw new Error(`${url}: ${answer.error}`)
  return answer.data
}

async function query(url: string, expr: string): Promise<Sample[]> {
  const { result } = await ask<{ result: { metric: Sample['labels']; value: [number, string] }[] }>(
    `${url}/api/v1/query?query=${encodeURIComponent(expr)}`,
  )
  return result
    .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    .filter(({ value }) => !Number.isNaN(value))
}

interface RuleGroup {
  readonly lastEvaluation: string
  readonly rules: readonly { readonly name: string; readonly lastError?: string }[]
}

async function ruleGroups(url: string): Promise<readonly RuleGroup[]> {
  return (await ask<{ groups: readonly RuleGroup[] }>(`${url}/api/v1/rules`)).groups
}

async function catchUp(url: string): Promise<void> {
  const nowS = Date.now() / 1_000
  await until(30_000, async () => (await query(url, `timestamp(up) > ${nowS}`)).length === 2)
  const scrapedAtMs = Date.now()
  await until(30_000, async () =>
    (await ruleGroups(url)).every(({ lastEvaluation }) => Date.parse(lastEvaluation) > scrapedAtMs),
  )
}

async function problems(url: string): Promise<string[]> {
  const { activeTargets } = await ask<{ activeTargets: { scrapeUrl: string; lastError: string }[] }>(
    `${url}/api/v1/targets`,
  )
  const groups = await ruleGroups(url)
  return [
    ...activeTargets.filter(({ lastError }) => lastError !== '').map((t) => `${t.scrapeUrl}: ${t.lastError}`),
    ...groups
      .flatMap(({ rules }) => rules)
      .flatMap((r) => (r.lastError ? [`${r.name}: ${r.lastError}`] : [])),
  ]
}

/** Asks until the answer is yes; fails when it has not been in this time. */
export async function until(ms: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
