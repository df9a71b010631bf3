import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { scaleExpression, scaleRules } from '../../support/prometheus/scale-rules.ts'

test('windows and offsets are scaled; thresholds and labels are not', () => {
  assert.equal(
    scaleExpression('sum(increase(x{b="5m"}[15m] offset 1d)) > 300 and avg_over_time(y[7d]) >= 720', 1 / 60),
    'sum(increase(x{b="5m"}[15000ms] offset 1440000ms)) > 300 and avg_over_time(y[10080000ms]) >= 720',
  )
})

test('a file of rules keeps all but its times', () => {
  const file = `
    groups:
      - name: money
        rules:
          - record: cost
            expr: increase(c[1h])
          - alert: CostHigh
            expr: cost > 20e6
            for: 5m
            labels: { severity: critical }
            annotations: { summary: 'More than 5m' }`
  assert.deepEqual(parse(scaleRules(file, 1 / 30)), {
    groups: [
      {
        name: 'money',
        rules: [
          { record: 'cost', expr: 'increase(c[120000ms])' },
          {
            alert: 'CostHigh',
            expr: 'cost > 20e6',
            for: '10000ms',
            labels: { severity: 'critical' },
            annotations: { summary: 'More than 5m' },
          },
        ],
      },
    ],
  })
})
