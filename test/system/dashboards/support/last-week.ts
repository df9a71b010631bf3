import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ANOMALY_CASES } from '../../../deploy/support/cases/anomalies.ts'
import { selector } from '../../../deploy/support/series.ts'
import { promtool } from '../../../support/prometheus/promtool.ts'

const EVERY_S = 300
const DAY_S = 86_400

/**
 * Gives a Prometheus that has not started yet the last week's signals, of this task queue where they are of one: baselines want 720 values
 * that are a day old.
 */
export function writeLastWeek(directory: string, taskQueue: string): void {
  const nowS = Math.floor(Date.now() / 1_000)
  const times = Array.from(
    { length: (4 * DAY_S) / EVERY_S },
    (_, index) => nowS - 5 * DAY_S + index * EVERY_S,
  )
  const lines = ANOMALY_CASES.flatMap(({ signal, labels, usual }) =>
    times.map((time, index) => {
      const own = 'task_queue' in labels ? { task_queue: taskQueue } : labels
      const series = selector({ name: 'signal:holdfast_watched:value', labels: { signal, ...own } })
      return `${series} ${usual[index % 2]} ${time}`
    }),
  )
  const file = join(directory, 'last-week.txt')
  writeFileSync(file, `# TYPE signal:holdfast_watched:value gauge\n${lines.join('\n')}\n# EOF\n`)
  promtool(['tsdb', 'create-blocks-from', 'openmetrics', file, join(directory, 'data')])
}
