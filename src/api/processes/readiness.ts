import type { Client } from '@temporalio/client'
import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { answersWithin } from '../../store/database/answers-within.ts'
import type { Database } from '../../store/database/database.ts'
import type { Presence } from '../../store/processes/presence.ts'
import { callTemporal } from '../temporal/call-temporal.ts'
import { ensureSearchAttributes, searchAttributesCommand } from '../temporal/search-attributes.ts'
import { type Version, versionsWithoutWorkers } from '../temporal/task-queue-workers.ts'
import { findWorkers } from './find-workers.ts'

/** A fault that was found. `pointer` names the part, `detail` says what follows from it and what mends it. */
export interface Finding {
  readonly pointer: string
  readonly detail: string
}

export interface Readiness {
  /** Faults that keep runs from being started: not ready. */
  readonly missing: readonly Finding[]
  /** Faults that hold up runs although requests are taken: ready. */
  readonly warnings: readonly Finding[]
}

interface Parts {
  readonly database: Database
  readonly temporal: Client
  readonly taskQueue: string
  readonly logger: FastifyBaseLogger
  /** null where API and worker are one process. */
  readonly presence: Presence | null
}

/** Checks whether everything that runs need is there. It asks anew every time: the caller caches the answer. */
export function createReadiness(parts: Parts): () => Promise<Readiness> {
  const { database, temporal, taskQueue, logger, presence } = parts
  const { namespace } = temporal.options
  let registered = false

  async function checkTemporal(): Promise<Readiness> {
    const checks = [
      registered ? [] : ask(() => searchAttributes()),
      missingWorkers(),
      ask(() => temporal.workflowService.describeNamespace({ namespace })),
    ] as const
    // A call that went on after the first has failed could find its connection closed.
    await Promise.allSettled(checks)
    const [missing, warnings] = await Promise.all(checks)
    registered = missing.length === 0
    return {
      missing: missing.map((name) => ({
        pointer: `/temporal/search_attributes/${name}`,
        detail: `No run can start without it. Register it: ${searchAttributesCommand(namespace, [name])}`,
      })),
      warnings,
    }
  }

  /** Missing ones, after an attempt to register them. None where the service refuses to list its attributes. */
  async function searchAttributes(): Promise<string[]> {
    try {
      return await ensureSearchAttributes(temporal.connection, namespace)
    } catch (err) {
      if (!isWithheld(err)) throw err
      const command = searchAttributesCommand(namespace, [])
      logger.warn({ err, command }, 'Temporal does not tell which search attributes there are')
      return []
    }
  }

  async function missingWorkers(): Promise<Finding[]> {
    const there = await ask(() => findWorkers(temporal, database, taskQueue))
    return there.workers.length === 0 ? [NO_WORKER] : versionsWithoutWorkers(there).map(noWorkerOf)
  }

  function ask<T>(call: () => Promise<T>): Promise<T> {
    return callTemporal(temporal, HTTP.readyTimeoutMs, call)
  }

  return async () => {
    const [temporalSide, isStoreThere] = await Promise.all([
      checkTemporal().catch(() => ({ missing: [TEMPORAL_AWAY], warnings: [] })),
      answersWithin(database, HTTP.readyTimeoutMs),
    ])
    return {
      missing: [...temporalSide.missing, ...(isStoreThere ? [] : [STORE_AWAY])],
      warnings: [...temporalSide.warnings, ...(presence === null ? [] : disagreements(presence))],
    }
  }
}

/** Logs the faults that are there: those that hinder as errors, the others as warnings. */
export async function logFindings(
  readiness: () => Promise<Readiness>,
  logger: FastifyBaseLogger,
): Promise<void> {
  const { missing, warnings } = await readiness()
  for (const finding of missing) logger.error(finding, 'not ready')
  for (const finding of warnings) logger.warn(finding, 'ready, but')
}

const TEMPORAL_AWAY: Finding = { pointer: '/temporal', detail: 'Did not answer.' }
const STORE_AWAY: Finding = { pointer: '/store', detail: 'Did not answer.' }
const NO_WORKER: Finding = {
  pointer: '/worker',
  detail: 'No worker polls the task queue: runs are accepted and stay queued until one does.',
}

/** Workers are there, and new runs are for others: nobody else may take them. */
function noWorkerOf(version: Version | null): Finding {
  const detail =
    version === null
      ? 'Every worker is versioned and no build is promoted: new runs stay queued. Give them to a build, from its own container: holdfast deploy promote'
      : `No worker of build ${version.build} (deployment ${version.deployment}) is there, and new runs begin on it: they stay queued. ` +
        'Start its workers, or give new runs to another build: holdfast deploy promote'
  return { pointer: '/worker/build', detail }
}

function disagreements({ self, peers }: Presence): Finding[] {
  const workers = peers().filter(({ kind }) => kind === 'worker')
  const strangers = workers.filter(({ facts }) => facts.secret !== self.facts.secret)
  const keyless = workers.filter(({ facts }) => facts.missingKeys.length > 0)
  return [
    ...strangers.map(({ id }) => ({
      pointer: '/worker/secret',
      detail: `Worker ${id} has another HOLDFAST_SECRET: it refuses every decision that is made here.`,
    })),
    ...keyless.map(({ id, facts }) => ({
      pointer: '/worker/providers',
      detail: `Worker ${id} has no key for ${facts.missingKeys.join(' and ')}: it can't ask their models.`,
    })),
  ]
}

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: a managed Temporal does not list its search attributes. */
function isWithheld(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 7 || code === 12
}
