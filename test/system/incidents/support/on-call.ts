import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { PANEL_QUERIES } from '../../../deploy/support/queries.ts'
import { until } from '../../dashboards/support/prometheus-server.ts'
import { scaleExpression } from './scale-rules.ts'
import type { FiringAlert, Sample, ScaledPrometheus } from './scaled-prometheus.ts'
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

export function createOnCall(prometheus: ScaledPrometheus, shell: Shell): OnCall {
  const firing = async (alertname: string) =>
    (await prometheus.firing()).filter(({ labels }) => labels['alertname'] === alertname)

  return {
    async paged(alertname) {
      await until(PATIENCE_MS, async () => (await firing(alertname)).length > 0)
      const [alert] = await firing(alertname)
      assert.ok(alert, `${alertname} no longer fires`)
      return alert
    },
    calm: (alertname) => until(PATIENCE_MS, async () => (await firing(alertname)).length === 0),
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
          let shown: Sample[] = []
          await until(PATIENCE_MS, async () => {
            const answers = await Promise.all(
              queries.map(({ expr }) =>
                prometheus.query(`max_over_time((${scaleExpression(expr, prometheus.clock)})[${GRAPH}])`),
              ),
            )
            shown = answers.flat()
            return shown.some(({ value }) => value > 0)
          })
          return shown
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
