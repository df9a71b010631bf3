import { METRICS } from '../policies/operations/telemetry.ts'
import { freePort } from './probe-port.ts'

/*
 * Temporal's core counts in Rust, and gives its metrics by an exporter of its own on a port. The worker's page takes them over from there:
 * the port is on loopback, any free one, and nobody else needs to know it.
 *
 * The other way, the SDK's `MetricsBuffer`, hands each single change to JavaScript: 31 of them for an activity and its workflow task, at 10 µs each
 * before anything is counted, on the thread that has everything else to do. The exporter costs that thread one request a scrape. Measured on two
 * busy cores with activities that do nothing, 500 of them: 7.1 and 7.8 ms of processor time each without metrics, 7.4 and 8.3 ms with the exporter.
 */

/** Where core's own exporter listens: `127.0.0.1:port`. */
export type CoreAddress = `127.0.0.1:${number}`

/** An address that is free at this moment. */
export async function freeCoreAddress(): Promise<CoreAddress> {
  return `127.0.0.1:${await freePort()}`
}

/** Core's page as a part of ours; empty where core does not answer in time. */
export async function coreMetrics(address: CoreAddress): Promise<string> {
  try {
    const answer = await fetch(`http://${address}/metrics`, {
      signal: AbortSignal.timeout(METRICS.answersWithinMs),
    })
    return answer.ok ? withoutCounters(await answer.text()) : ''
  } catch {
    // The page of a process that is stopping, or whose core hangs, has the rest all the same.
    return ''
  }
}

/**
 * Core's counters have the names that Temporal documents, without `_total`. Prometheus' linter takes a counter of such a name for a mistake, so
 * they have no type here; `rate` and `increase` go by the name alone.
 */
function withoutCounters(page: string): string {
  return page.replace(/^# TYPE (\w+) counter$/gm, (line, name: string) =>
    name.endsWith('_total') ? line : `# TYPE ${name} untyped`,
  )
}
