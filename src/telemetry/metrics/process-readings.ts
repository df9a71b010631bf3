import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { METRICS } from '../../policies/operations/telemetry.ts'
import { type ReadingSource, reading } from './readings.ts'

/** Memory, processor time and event loop of this process. To be called once a process. */
export function processReadings(): ReadingSource {
  const delay = monitorEventLoopDelay({ resolution: METRICS.eventLoopSampleMs })
  delay.enable()
  let utilisation = performance.eventLoopUtilization()

  return async () => {
    const now = performance.eventLoopUtilization()
    const since = performance.eventLoopUtilization(now, utilisation)
    utilisation = now
    // The histogram has the times between two samples, which are as long as they are meant to be where nothing is late.
    const lateNs = Math.max(0, delay.percentile(99) - METRICS.eventLoopSampleMs * 1e6)
    delay.reset()
    const { user, system } = process.cpuUsage()
    return [
      reading('nodejs_eventloop_delay_p99_seconds', {}, lateNs / 1e9),
      reading('nodejs_eventloop_utilization', {}, since.utilization),
      reading('process_resident_memory_bytes', {}, process.memoryUsage.rss()),
      reading('process_cpu_seconds_total', {}, (user + system) / 1e6),
    ]
  }
}
