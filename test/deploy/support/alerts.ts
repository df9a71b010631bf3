import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { RUNBOOKS } from './rule-test.ts'

export interface Alert {
  readonly name: string
  readonly severity: string
  /** As it is in these tests. */
  readonly runbookUrl: string
  /** The name of its runbook in `docs/runbooks/`. */
  readonly runbook: string
  /** As the rule has it. */
  readonly givenRunbook: string
}

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}

const rulesOf = (file: string) =>
  (parse(readFileSync(`deploy/prometheus/${file}.yml`, 'utf8')) as RuleFile).groups.flatMap(
    ({ rules }) => rules,
  )

/** The alerts of a file in `deploy/prometheus/`. */
export function readAlerts(file: 'alerts' | 'anomalies'): Alert[] {
  return rulesOf(file).flatMap(({ alert, labels, annotations }) => {
    if (alert === undefined) return []
    const runbook = `${kebab(alert.replace('Holdfast', ''))}.md`
    return [
      {
        name: alert,
        severity: labels?.['severity'] ?? '',
        runbook,
        runbookUrl: `${RUNBOOKS}/${runbook}`,
        givenRunbook: annotations?.['runbook_url'] ?? '',
      },
    ]
  })
}

const FILES = ['recording-rules', 'signals', 'alerts', 'anomalies']

interface Expression {
  readonly name: string
  readonly expr: string
  /** Labels that the rule itself adds. */
  readonly labels: readonly string[]
}

/** Names and expressions of all rules. */
export function readExpressions(): Expression[] {
  return FILES.flatMap(rulesOf).map((rule) => ({
    ...expressionOf(rule),
    name: rule.alert ?? rule.record ?? '',
  }))
}

/** Those that record a series; several may record one. */
export function readRecords(): Expression[] {
  return FILES.flatMap(rulesOf).flatMap((rule) =>
    rule.record === undefined ? [] : [{ ...expressionOf(rule), name: rule.record }],
  )
}

function expressionOf({ expr, labels = {} }: Rule): Omit<Expression, 'name'> {
  return { expr, labels: Object.keys(labels) }
}

const kebab = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
