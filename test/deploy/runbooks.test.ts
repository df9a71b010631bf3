import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { panelsOf } from '../../scripts/dashboards/dashboard.ts'
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts'
import { killSwitchBody } from '../../src/api/budgets/kill-switch.schema.ts'
import { budgetBody } from '../../src/api/budgets/shared-budget.schema.ts'
import { breakerBody } from '../../src/api/traffic/provider.schema.ts'
import { ERROR_CODES } from '../../src/contracts/error-codes.ts'
import { RUN_REASONS } from '../../src/contracts/runs/run.ts'
import { readAlerts, readExpressions } from './support/alerts.ts'

const FOLDER = 'docs/runbooks'
const INDEX = 'README.md'
const alerts = [...readAlerts('alerts'), ...readAlerts('anomalies')]
const pages = readdirSync(FOLDER).filter((page) => page !== INDEX)
const textOf = (page: string) => readFileSync(`${FOLDER}/${page}`, 'utf8')

describe('the runbooks', () => {
  it('are one page an alert, under its name', () => {
    assert.deepEqual(pages.sort(), alerts.map(({ runbook }) => runbook).sort())
    for (const { name, runbook } of alerts) assert.match(textOf(runbook), new RegExp(`^# ${name}\n`))
  })

  it('are where the alerts say', () => {
    for (const { name, runbook, givenRunbook } of alerts) {
      assert.equal(givenRunbook, `{{ $externalLabels.runbooks }}/${runbook}`, name)
    }
  })

  it('say what the alert means, where to look, what causes it, what to do, and when it is over', () => {
    for (const page of pages) {
      const headings = textOf(page).match(/(?<=^## ).*$/gm)
      assert.deepEqual(headings, ['First look', 'Likely causes', 'What to do', 'It is over when'], page)
      assert.ok(textOf(page).split('\n').length < 45, `${page} is too long for three in the morning`)
    }
  })

  it('are all in the index, with severity', () => {
    const rows = [...textOf(INDEX).matchAll(/^\| \[(\w+)\]\(([\w-]+\.md)\) \| (\w+) \|/gm)].map(
      ([, name, runbook, severity]) => ({ name, runbook, severity }),
    )
    assert.deepEqual(
      rows,
      alerts.map(({ name, runbook, severity }) => ({ name, runbook, severity })),
    )
  })

  it('name panels that the dashboards have', () => {
    const titles = new Set(
      Object.values(DASHBOARDS)
        .flatMap(panelsOf)
        .map(({ title }) => title),
    )
    const named = pages.flatMap((page) =>
      textOf(page)
        .split('\n')
        .filter((line) => line.startsWith('- Holdfast: '))
        .flatMap((line) =>
          [...line.replaceAll(/`[^`]*`/g, '').matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({
            page,
            title,
          })),
        ),
    )
    assert.ok(named.length > 60)
    assert.deepEqual(
      named.filter(({ title }) => !titles.has(title)),
      [],
    )
  })

  it('give what they have put its body', () => {
    const bodies = { 'kill-switches': killSwitchBody, budgets: budgetBody, breaker: breakerBody }
    const puts = pages.flatMap((page) => textOf(page).match(/^.*\bPUT .*$/gm) ?? [])
    assert.ok(puts.length > 5)
    for (const line of puts) {
      const [, path = '', body = 'null'] =
        /\bPUT "?(?:\$URL)?(\/v1\/[\w/-]+)[^{]*(\{[^}]*\})?/.exec(line) ?? []
      const [, schema] = Object.entries(bodies).find(([word]) => path.split('/').includes(word)) ?? []
      assert.ok(schema?.safeParse(JSON.parse(body)).success, line)
    }
  })

  it('name codes and reasons that there are', () => {
    const known = new Set<string>([...Object.keys(ERROR_CODES), ...RUN_REASONS])
    const named = [...pages.map(textOf), ...readExpressions().map(({ expr }) => expr)].flatMap(
      (text) => text.match(/\b(?:model|tool|store|run|agent|budget)_[a-z_]+\b(?=`|[|"}])/g) ?? [],
    )
    const others = new Set([
      'agent_version',
      'run_failure',
      'run_duration',
      'model_duration',
      'model_failure',
      'tool_failure',
    ])
    assert.ok(named.length > 30)
    assert.deepEqual(
      named.filter((code) => !known.has(code) && !others.has(code)),
      [],
    )
  })
})

describe('alerts', () => {
  it('are of a severity that the index explains', () => {
    for (const { name, severity } of alerts) assert.match(severity, /^(?:critical|warning)$/, name)
  })
})
