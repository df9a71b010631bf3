import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promtool } from '../../support/prometheus/promtool.ts'
import { type Series, selector } from './series.ts'

/** Where the alerts' runbooks are in these tests. */
export const RUNBOOKS = 'https://runbooks.example'

/** The files of rules, and their groups in the order in which a value is made: what reads another group's series comes after it. */
const GROUPS = {
  'recording-rules': ['runs', 'models', 'tools', 'people', 'money', 'platform'],
  signals: ['signals'],
  alerts: ['runs', 'models', 'tools', 'people', 'money', 'platform'].map((group) => `${group}-alerts`),
  anomalies: ['baselines', 'floors', 'anomalies'],
} as const

export type RuleFile = keyof typeof GROUPS
export const RULE_FILES = Object.keys(GROUPS) as RuleFile[]

export const pathOf = (file: RuleFile): string => resolve(`deploy/prometheus/${file}.yml`)

interface InputSeries {
  readonly series: string
  readonly values: string
}

/** One test of promtool's: series, and what the rules make of them. */
export interface RuleTest {
  readonly name: string
  readonly input_series: readonly InputSeries[]
  readonly alert_rule_test?: readonly ExpectedAlerts[]
  readonly promql_expr_test?: readonly {
    readonly expr: string
    readonly eval_time: string
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[]
  }[]
}

interface ExpectedAlerts {
  readonly eval_time: string
  readonly alertname: string
  readonly exp_alerts: readonly {
    readonly exp_labels: Readonly<Record<string, string>>
    readonly exp_annotations: Readonly<Record<string, string>>
  }[]
}

/** A series over some minutes. */
export const over =
  (minutes: number) =>
  (series: Series): InputSeries => ({
    series: selector(series),
    values: `${series.bornAfter === undefined ? '' : `_x${series.bornAfter} `}${series.from}+${series.perMinute}x${minutes}`,
  })

/** The same, where each process is restarted once: counters begin again at 0. */
export const restartedAfter =
  (minutes: number, rest: number) =>
  (series: Series): InputSeries => ({
    series: selector(series),
    values: `${series.from}+${series.perMinute}x${minutes} ${series.type === 'gauge' ? series.from : 0}+${series.perMinute}x${rest}`,
  })

interface Clock {
  /** Series have a value this often. */
  readonly intervalMinutes?: number
  readonly evaluateMinutes?: number
}

/** Runs tests over files of our rules; fails with what promtool says. */
export function testRules(
  directory: string,
  files: readonly RuleFile[],
  tests: readonly RuleTest[],
  { intervalMinutes = 1, evaluateMinutes = 1 }: Clock = {},
): void {
  const file = join(directory, 'rules.test.json')
  const given = {
    rule_files: files.map(pathOf),
    evaluation_interval: `${evaluateMinutes}m`,
    group_eval_order: files.flatMap((name) => GROUPS[name].map((group) => `holdfast-${group}`)),
    tests: tests.map((test) => ({
      ...test,
      interval: `${intervalMinutes}m`,
      external_labels: { runbooks: RUNBOOKS },
    })),
  }
  writeFileSync(file, JSON.stringify(given))
  promtool(['test', 'rules', file])
}
