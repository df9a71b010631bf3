import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { type Alert, readAlerts } from './support/alerts.ts'
import { ANOMALY_CASES, type AnomalyCase } from './support/cases/anomalies.ts'
import { HEALTHY } from './support/metrics.ts'
import { over, type RuleTest, testRules } from './support/rule-test.ts'
import { selector } from './support/series.ts'

/** A value each 5 minutes: 12 an hour. The baseline wants 720 of them. */
const HOUR = 12
const DAY = 24 * HOUR
const clock = { intervalMinutes: 5, evaluateMinutes: 20 }
/** An hour after what changes at the end of the eighth day. */
const END_MINUTES = 8 * 24 * 60 + 60

const directory = temporaryDirectory()
const alerts = new Map(readAlerts('anomalies').map((alert) => [alert.name, alert]))
const [failures] = ANOMALY_CASES
assert.ok(failures)

/** Begins with two hours at the mean, so that the week which is looked at holds as many low values as high ones. */
const weekOf = ([low, high]: AnomalyCase['usual']): string =>
  Array.from({ length: 8 * DAY }, (_, index) =>
    index <= 2 * HOUR ? (low + high) / 2 : index % 2 === 0 ? low : high,
  ).join(' ')

const seriesOf = ({ signal, labels }: AnomalyCase, values: string, more: Record<string, string> = {}) => ({
  series: selector({ name: 'signal:holdfast_watched:value', labels: { signal, ...labels, ...more } }),
  values,
})

describe('anomalies', () => {
  it('have a case each', () => {
    assert.deepEqual(ANOMALY_CASES.map(({ alert }) => alert).sort(), [...alerts.keys()].sort())
  })

  it('fire when a signal leaves its usual week behind, and say by how much', () => {
    testRules(
      directory,
      ['anomalies'],
      [
        {
          name: 'odd',
          input_series: ANOMALY_CASES.map((scene) =>
            seriesOf(scene, `${weekOf(scene.usual)} ${scene.odd}+0x${HOUR}`),
          ),
          alert_rule_test: ANOMALY_CASES.map((scene) => expectation(scene, alerts.get(scene.alert))),
        },
      ],
      clock,
    )
  })

  it('are quiet within 3 deviations', () => {
    testRules(
      directory,
      ['anomalies'],
      [
        {
          name: 'near',
          input_series: ANOMALY_CASES.map((scene) =>
            seriesOf(scene, `${weekOf(scene.usual)} ${scene.near}+0x${HOUR}`),
          ),
          promql_expr_test: [firing([])],
        },
      ],
      clock,
    )
  })

  it('are quiet on trifles of a constant signal, without a week, without traffic, after a moment, and when it is better', () => {
    const usual = weekOf(failures.usual)
    const agents = {
      constant: `0+0x${8 * DAY} 0.05+0x${HOUR}`,
      // One day of values is older than a day: 300 values, where 720 are wanted.
      young: `_x${6 * DAY} 0.02+0x${2 * DAY} 0.5+0x${HOUR}`,
      silent: usual,
      moment: `${usual} 0.5 0.02+0x${HOUR}`,
      better: `${usual} 0+0x${HOUR}`,
    }
    testRules(
      directory,
      ['anomalies'],
      [
        {
          name: 'no anomalies',
          input_series: Object.entries(agents).map(([agent, values]) =>
            seriesOf(failures, values, { agent }),
          ),
          promql_expr_test: [firing([]), { ...firing([]), eval_time: `${8 * 24}h` }],
        },
      ],
      clock,
    )
  })

  it('go on for the first day of an incident, which does not raise its own baseline', () => {
    const values = `${weekOf(failures.usual)} 0.1+0x${DAY}`
    const eval_time = `${9 * 24 * 60 - 20}m`
    testRules(
      directory,
      ['anomalies'],
      [
        {
          name: 'a day of it',
          input_series: [seriesOf(failures, values)],
          promql_expr_test: [{ ...firing(['agent="clerk", signal="run_failure"']), eval_time }],
        },
      ],
      clock,
    )
  })

  it('compare what the counters of a healthy installation give: each signal, and by its own labels', () => {
    const counted = ANOMALY_CASES.map(({ signal, labels }) => ({
      expr: `count(signal:holdfast_watched:value${selector({ name: '', labels: { signal, ...labels } })})`,
      eval_time: '20m',
      exp_samples: [{ labels: '{}', value: 1 }],
    }))
    const all = {
      expr: 'count(signal:holdfast_watched:value)',
      eval_time: '20m',
      exp_samples: [{ labels: '{}', value: ANOMALY_CASES.length }],
    }
    testRules(
      directory,
      ['recording-rules', 'signals'],
      [{ name: 'signals', input_series: HEALTHY.map(over(20)), promql_expr_test: [...counted, all] }],
    )
  })

  it('have no signal where there is too little traffic, rather than one of 0 or of chance', () => {
    const quiet = HEALTHY.map((series) => ({ ...series, perMinute: series.perMinute / 100 }))
    const input: RuleTest = {
      name: 'little traffic',
      input_series: quiet.map(over(20)),
      promql_expr_test: [
        {
          expr: 'count by (signal) (signal:holdfast_watched:value)',
          eval_time: '20m',
          // What an agent costs an hour means something however few its runs are.
          exp_samples: [{ labels: '{signal="cost"}', value: 1 }],
        },
      ],
    }
    testRules(directory, ['recording-rules', 'signals'], [input])
  })
})

/** The alerts of failures that fire an hour after the change; whoever else fires is one too many. */
function firing(labels: readonly string[]) {
  return {
    expr: 'ALERTS{alertstate="firing"}',
    eval_time: `${END_MINUTES}m`,
    exp_samples: labels.map((more) => ({
      labels: `ALERTS{alertname="HoldfastRunFailuresUnusual", alertstate="firing", severity="critical", ${more}}`,
      value: 1,
    })),
  }
}

function expectation({ alert, signal, labels, summary, description }: AnomalyCase, found: Alert | undefined) {
  assert.ok(found)
  return {
    eval_time: `${END_MINUTES}m`,
    alertname: alert,
    exp_alerts: [
      {
        exp_labels: { ...labels, signal, severity: found.severity },
        exp_annotations: { summary, description, runbook_url: found.runbookUrl },
      },
    ],
  }
}
