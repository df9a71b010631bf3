import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { promtool } from '../support/prometheus/promtool.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import type { AlertCase } from './support/alert-case.ts'
import { type Alert, readAlerts } from './support/alerts.ts'
import { ALERT_CASES } from './support/cases/index.ts'
import { HEALTHY } from './support/metrics.ts'
import { over, pathOf, RULE_FILES, type RuleTest, restartedAfter, testRules } from './support/rule-test.ts'

const directory = temporaryDirectory()
const alerts = new Map(readAlerts('alerts').map((alert) => [alert.name, alert]))

describe('the rules for Prometheus', () => {
  it('are what promtool takes, and so is the configuration', () => {
    promtool(['check', 'rules', ...RULE_FILES.map(pathOf)])
    promtool(['check', 'config', '--syntax-only', 'deploy/prometheus/prometheus.yml'])
  })

  it('are all loaded by the configuration', () => {
    const [, list = ''] =
      /^rule_files:\n((?: +- .*\n)+)/m.exec(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')) ?? []
    assert.deepEqual(
      list.match(/[\w-]+\.yml/g),
      RULE_FILES.map((file) => `${file}.yml`),
    )
  })
})

describe('alerts', () => {
  it('have a case each', () => {
    assert.deepEqual(ALERT_CASES.map(({ alert }) => alert).sort(), [...alerts.keys()].sort())
  })

  for (const scene of ALERT_CASES) {
    it(`${scene.alert} fires, and is quiet ${Object.keys(scene.quiet).join(', ')}`, () => {
      const alert = alerts.get(scene.alert)
      assert.ok(alert)
      testRules(directory, ['recording-rules', 'alerts'], testsOf(scene, alert))
    })
  }
})

describe('all alerts are quiet', () => {
  const firing = 'ALERTS{alertstate="firing"}'
  const quiet = { expr: firing, eval_time: '100m', exp_samples: [] }

  it('on a healthy installation', () => {
    testRules(directory, RULE_FILES, [
      { name: 'healthy', input_series: HEALTHY.map(over(100)), promql_expr_test: [quiet] },
    ])
  })

  it('in the minutes after every process was restarted', () => {
    const looks = [91, 95, 100].map((minute) => ({ ...quiet, eval_time: `${minute}m` }))
    testRules(directory, RULE_FILES, [
      { name: 'restarted', input_series: HEALTHY.map(restartedAfter(90, 10)), promql_expr_test: looks },
    ])
  })

  it('when nobody uses it', () => {
    const idle = HEALTHY.map((series) => ({ ...series, perMinute: 0 }))
    testRules(directory, RULE_FILES, [
      { name: 'idle', input_series: idle.map(over(100)), promql_expr_test: [quiet] },
    ])
  })

  it('without any series, but for the one that says so', () => {
    const missing = ['holdfast-api', 'holdfast-worker'].map((job) => ({
      labels: `ALERTS{alertname="HoldfastTargetDown", alertstate="firing", job="${job}", severity="critical"}`,
      value: 1,
    }))
    testRules(directory, RULE_FILES, [
      { name: 'nothing', input_series: [], promql_expr_test: [{ ...quiet, exp_samples: missing }] },
    ])
  })
})

function testsOf(scene: AlertCase, alert: Alert): RuleTest[] {
  const { alert: alertname, fires, firesToo = {}, says, quiet, afterMinutes = 0, minutes = 40 } = scene
  const eval_time = `${minutes}m`
  const { summary, description, labels } = says
  const expected = {
    exp_labels: { ...labels, severity: alert.severity },
    exp_annotations: { summary, description, runbook_url: alert.runbookUrl },
  }
  // It is evaluated each minute, and pending until it fires.
  const pending = {
    expr: `max(count_over_time(ALERTS{alertname="${alertname}", alertstate="pending"}[${eval_time}]))`,
    eval_time,
    exp_samples: afterMinutes > 0 ? [{ labels: '{}', value: afterMinutes }] : [],
  }
  return [
    ...Object.entries({ '': fires, ...firesToo }).map(([what, series]) => ({
      name: `${alertname} fires ${what}`.trim(),
      input_series: series.map(over(minutes)),
      alert_rule_test: [{ eval_time, alertname, exp_alerts: [expected] }],
      promql_expr_test: [pending],
    })),
    ...Object.entries(quiet).map(([why, series]) => ({
      name: `${alertname} is quiet ${why}`,
      input_series: series.map(over(minutes)),
      alert_rule_test: [{ eval_time, alertname, exp_alerts: [] }],
    })),
  ]
}
