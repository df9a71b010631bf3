import type { OutageListener } from '../store/database/outage-watch.ts'
import type { FactOf } from './facts.ts'
import type { Telemetry } from './telemetry.ts'

/** Records when what the product needs is away, and when it is back. */
export function outageFacts(telemetry: Telemetry, of: FactOf<'outage.began'>['of']): OutageListener {
  return {
    began: () => telemetry.record({ type: 'outage.began', of }),
    ended: (awayMs) => telemetry.record({ type: 'outage.ended', of, awayMs }),
  }
}
