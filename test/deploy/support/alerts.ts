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

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string
      readonly record?: string
      readonly expr: string
      readonly labels?: Readonly<Record<string, string>>
      readonly annotations?: Readonly<Record<string, string>>
    }[]
  }[]
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

/** Names and expressions of all rules. */
export function readExpressions(): { readonly name: string; readonly expr: string }[] {
  return FILES.flatMap(rulesOf).map(({ alert, record, expr }) => ({ name: alert ?? record ?? '', expr }))
}

/** Those that record a series; several may record one. */
export function readRecords(): { readonly name: string; readonly expr: string }[] {
  return FILES.flatMap(rulesOf).flatMap(({ record, expr }) =>
    record === undefined ? [] : [{ name: record, expr }],
  )
}

const kebab = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
