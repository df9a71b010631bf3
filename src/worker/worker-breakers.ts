import type { Dependencies } from '../activities/dependencies.ts'
import { type Breakers, createBreakers } from '../activities/traffic/breakers.ts'
import { createFleetCircuits } from '../activities/traffic/fleet-circuits.ts'
import { BREAKERS, type BreakerPolicy } from '../policies/models/breakers.ts'

/** A worker's circuit breakers. They have to be started, and stopped before the database is closed. */
export function workerBreakers(
  worker: string,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
  policy: BreakerPolicy = BREAKERS,
): Breakers {
  return createBreakers({
    fleet: createFleetCircuits({ database, worker, policy, logger }),
    policy,
    logger,
  })
}
