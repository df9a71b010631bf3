import { createLruMap } from '../../contracts/lru-map.ts'
import { API_BUCKETS, OPEN_RUNS } from '../../policies/api-limits.ts'
import type { Db } from '../../store/database/database.ts'
import { countOpenRunsOf, lockOpenRunsOf, type OpenRunsOf } from '../../store/runs/open-runs-of.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { Problem } from '../http/problems/problem.ts'
import type { ApiLimits } from './read-api-limits.ts'

/** In whose name a run is started. */
interface Owner {
  readonly tenant: string
  readonly principal: string
}

/** To be called with the transaction in which the run was accepted. @throws Problem too_many_runs, which is to undo it */
export type AdmitRun = (tx: Db) => Promise<void>

/** Holds the open runs of a tenant and of each of its principals to their limits. */
export interface OpenRunLimit {
  /** How a new run of this owner is admitted; null where the limits are known to be far, so that nothing has to be asked. */
  admission(owner: Owner): AdmitRun | null
}

interface Seen extends OpenRunsOf {
  readonly at: number
  /** What `started` had of the tenant then. */
  readonly startedBefore: number
}

/** Starts that may come near a limit count one after the other, so that two never take the last place. */
export function createOpenRunLimit(limitsOf: ApiLimits, telemetry: Telemetry): OpenRunLimit {
  const seen = createLruMap<string, Seen>(API_BUCKETS.remembered)
  /** Runs of each tenant that this process has let through without a look. */
  const started = createLruMap<string, number>(API_BUCKETS.remembered)
  const keyOf = ({ tenant, principal }: Owner) => JSON.stringify([tenant, principal])

  function isFar(
    owner: Owner,
    limits: { readonly tenant: number | null; readonly principal: number | null },
  ) {
    const known = seen.get(keyOf(owner))
    if (known === undefined || performance.now() - known.at > OPEN_RUNS.seenMs) return false
    const total = (started.get(owner.tenant) ?? 0) + 1
    const since = total - known.startedBefore
    const far = (limit: number | null, open: number) =>
      limit === null || (open <= limit * OPEN_RUNS.farShare && since <= limit * OPEN_RUNS.startedShare)
    if (!far(limits.tenant, known.tenant) || !far(limits.principal, known.principal)) return false
    started.set(owner.tenant, total)
    return true
  }

  return {
    admission(owner) {
      const { caller, tenant } = limitsOf(owner.tenant)
      const limits = { tenant: tenant.concurrentRuns, principal: caller.concurrentRuns }
      if (limits.tenant === null && limits.principal === null) return null
      if (isFar(owner, limits)) return null
      return async (tx) => {
        await lockOpenRunsOf(tx, owner.tenant)
        const most = Math.max(limits.tenant ?? 0, limits.principal ?? 0) + 1
        // The run that is to be admitted is among them.
        const open = await countOpenRunsOf(tx, owner, most)
        const startedBefore = started.get(owner.tenant) ?? 0
        seen.set(keyOf(owner), { ...open, at: performance.now(), startedBefore })
        const scope = beyond(limits.principal, open.principal)
          ? 'caller'
          : beyond(limits.tenant, open.tenant)
            ? 'tenant'
            : null
        if (scope === null) return
        telemetry.record({ type: 'request.limited', limit: 'runs', scope })
        throw new Problem('too_many_runs')
      }
    },
  }
}

function beyond(limit: number | null, open: number): boolean {
  return limit !== null && open > limit
}
