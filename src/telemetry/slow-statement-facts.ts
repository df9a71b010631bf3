import { isOutage } from '../store/database/outage.ts'
import type { SlowListener } from '../store/database/slow-statements.ts'
import { currentActivity } from './activity-scope.ts'
import type { Telemetry } from './telemetry.ts'

/** Names of prepared statements, which are written in the code. Anything else might be data. */
const NAME = /^\w{1,64}$/

/** Records statements of the store that take long, with the activity that has sent them. */
export function slowStatementFacts(telemetry: Telemetry): SlowListener {
  return ({ name, error, ...took }) => {
    const by = currentActivity()
    telemetry.record({
      type: 'statement.slow',
      statement: name !== undefined && NAME.test(name) ? name : 'unnamed',
      ...took,
      ...(error !== undefined && { code: isOutage(error) ? 'store_unavailable' : 'internal' }),
      ...(by !== null && { by }),
    })
  }
}
