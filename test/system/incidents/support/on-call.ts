import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { PANEL_QUERIES } from '../../../deploy/support/queries.ts'
import type { FiringAlert, Sample } from '../../../support/prometheus/prometheus-client.ts'
import { scaleExpression } from '../../../support/prometheus/scale-rules.ts'
import type { PrometheusServer } from '../../../support/prometheus/start-prometheus.ts'
import { until } from '../../../support/until.ts'
import type { Shell } from './shell.ts'

/** Whoever is on call: knows the alert, its runbook, and what the runbook says to look at. */
export interface OnCall {
  /** Resolves to the alert when it fires. */
  paged(alertname: string): Promise<FiringAlert>
  /** Resolves when no such alert fires. */
  calm(alertname: string): Promise<void>
  /** The runbook that the alert leads to. */
  runbook(alert: FiringAlert): Runbook
}

export interface Runbook {
  /**
   * The lines of a panel that the page names, as the graph of this incident shows them: each with its highest value. Resolves when one is above 0.
   */
  panel(dashboard: string, title: string): Promise<readonly Sample[]>
  /**
   * Runs the command of the page that has these words in it, with our names in the place of the page's, such as `ID`.
   *
   * @returns what it prints
   */
  run(words: string, own?: Readonly<Record<string, string>>): Promise<string>
}

/** What a command prints with `jq -c`: an object a line. */
export function jsonLines(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const PATIENCE_MS = 90_000
/** Longer than any incident here. */
const GRAPH = '5m:2s'

export function createOnCall(prometheus: PrometheusServer, shell: Shell): OnCall {
  const firing = async (alertname: string) =>
    (await prometheus.firing()).find(({ labels }) => labels['alertname'] === alertname)

  return {
    paged: (alertname) => until(`${alertname} fires`, () => firing(alertname), PATIENCE_MS),
    async calm(alertname) {
      const isCalm = async () => (await firing(alertname)) === undefined
      await until(`${alertname} no longer fires`, isCalm, PATIENCE_MS)
    },
    runbook(alert) {
      const name = basename(alert.annotations['runbook_url'] ?? '')
      const page = readFileSync(`docs/runbooks/${name}`, 'utf8').split('\n')
      return {
        async panel(dashboard, title) {
          assert.ok(
            page.some(
              (line) => line.startsWith('- ') && line.includes(dashboard) && line.includes(`"${title}"`),
            ),
            `${name} does not name "${title}" of ${dashboard}`,
          )
          const queries = PANEL_QUERIES.filter(({ panel }) => panel === `${dashboard} / ${title}`)
          assert.ok(queries.length > 0, `${dashboard} has no panel "${title}"`)
          return until(
            `"${title}" shows something`,
            async () => {
              const answers = await Promise.all(
                queries.map(({ expr }) =>
                  prometheus.query(`max_over_time((${scaleExpression(expr, prometheus.clock)})[${GRAPH}])`),
                ),
              )
              const shown = answers.flat()
              return shown.some(({ value }) => value > 0) && shown
            },
            PATIENCE_MS,
          )
        },
        async run(words, own = {}) {
          const commands = page.filter((line) => line.startsWith('$ ') && line.includes(words))
          const [command, ...others] = commands
          assert.ok(command && others.length === 0, `"${words}" is not in one command of ${name}`)
          return shell(
            Object.entries(own).reduce((text, [theirs, ours]) => {
              assert.ok(text.includes(theirs), `${theirs} is not in ${text}`)
              return text.replaceAll(theirs, ours)
            }, command.slice(2)),
          )
        },
      }
    },
  }
}
