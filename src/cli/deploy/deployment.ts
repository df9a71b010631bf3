import { hostname, userInfo } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, defaultPayloadConverter } from '@temporalio/client'
import { DEPLOYS } from '../../policies/operations/deploys.ts'
import { CommandError } from '../command-error.ts'
import { GRPC, grpcCodeOf } from '../connect-to-temporal.ts'
import { EXIT } from '../exit-codes.ts'
import { type BuildRecord, NO_RECORD } from './build-record.ts'
import type { Build, Fleet } from './fleet.ts'
import { partitionsBehind } from './partitions.ts'
import { readRouting } from './read-routing.ts'

/** One deployment in Temporal's records. Every change is refused where somebody else has made one since `look`. */
export interface Deployment {
  readonly name: string
  /** Who gives the commands, as Temporal's records name them. */
  readonly identity: string
  /** null where no versioned worker has ever asked for work. */
  find(): Promise<Fleet | null>
  /** @throws CommandError where no versioned worker has ever asked for work */
  look(): Promise<Fleet>
  /** null: workers without versioning. Ends a ramp of the same build. */
  setCurrent(build: string | null, fleet: Fleet): Promise<void>
  setRamp(build: string, percent: number, fleet: Fleet): Promise<void>
  endRamp(fleet: Fleet): Promise<void>
  /** Resolves when new runs go where the last change says. @throws CommandError where that takes longer, with the task queues */
  untilSettled(withinMs?: number): Promise<void>
  /** Empty for a build that Temporal lists before it can tell of it, as it does for a moment after its first worker has asked for work. */
  recordOf(build: string): Promise<BuildRecord>
  keepRecord(build: string, record: BuildRecord): Promise<void>
}

type Service = Connection['workflowService']
type Described = Awaited<ReturnType<Service['describeWorkerDeployment']>>
type Summary = NonNullable<NonNullable<Described['workerDeploymentInfo']>['versionSummaries']>[number]
type Time = Summary['createTime']

/** The entry of a version's metadata that holds its record. */
const ENTRY = 'holdfast'

export function openDeployment(service: Service, namespace: string, deploymentName: string): Deployment {
  const identity = `${userInfo().username}@${hostname()}`

  async function look(): Promise<Fleet> {
    const found = await find()
    if (found !== null) return found
    throw new CommandError(
      `No worker with HOLDFAST_VERSIONING=pinned has run yet in deployment ${deploymentName} (HOLDFAST_DEPLOYMENT). ` +
        "Start some first. The local stack's worker never is versioned: it has nothing to promote or roll back.",
      EXIT.notFound,
    )
  }

  async function find(): Promise<Fleet | null> {
    const described = await orExplain(() =>
      service.describeWorkerDeployment({ namespace, deploymentName }).catch(nullIfNotFound),
    )
    if (described === null) return null
    const { workerDeploymentInfo: info, conflictToken } = described
    const { current, ramp } = readRouting(info?.routingConfig)
    const builds = (info?.versionSummaries ?? [])
      .map((summary) => toBuild(summary, current, ramp?.build ?? null))
      .sort((a, b) => String(b.since).localeCompare(String(a.since)))
    const fleet = { deployment: deploymentName, current, ramp, builds, token: conflictToken }
    const behind =
      info?.routingConfigUpdateState === IN_PROGRESS
        ? await orExplain(() => partitionsBehind(service, namespace, fleet))
        : []
    return { ...fleet, behind }
  }

  return {
    name: deploymentName,
    identity,
    find,
    look,
    async setCurrent(build, { token: conflictToken }) {
      const change = { namespace, deploymentName, identity, conflictToken, buildId: build ?? '' }
      await orExplain(() => service.setWorkerDeploymentCurrentVersion(change))
    },
    async setRamp(buildId, percentage, { token: conflictToken }) {
      const change = { namespace, deploymentName, identity, conflictToken, buildId, percentage }
      await orExplain(() => service.setWorkerDeploymentRampingVersion(change))
    },
    async endRamp({ token: conflictToken }) {
      const change = { namespace, deploymentName, identity, conflictToken, buildId: '', percentage: 0 }
      await orExplain(() => service.setWorkerDeploymentRampingVersion(change))
    },
    async untilSettled(withinMs = DEPLOYS.settledWithinMs) {
      for (const end = Date.now() + withinMs; ; await delay(DEPLOYS.settledEveryMs)) {
        const { behind } = await look()
        if (behind.length === 0) return
        if (Date.now() > end)
          throw new CommandError(
            `Temporal has taken the change, and these task queues do not go by it yet: ${behind.join(', ')}. ` +
              'Look at "holdfast deploy status" in a while.',
            EXIT.unavailable,
          )
      }
    },
    async recordOf(buildId) {
      const deploymentVersion = { deploymentName, buildId }
      const described = await orExplain(() =>
        service.describeWorkerDeploymentVersion({ namespace, deploymentVersion }).catch(nullIfNotFound),
      )
      const entry = described?.workerDeploymentVersionInfo?.metadata?.entries?.[ENTRY]
      return entry ? defaultPayloadConverter.fromPayload<BuildRecord>(entry) : NO_RECORD
    },
    async keepRecord(buildId, record) {
      const upsertEntries = { [ENTRY]: defaultPayloadConverter.toPayload(record) }
      const deploymentVersion = { deploymentName, buildId }
      await orExplain(() =>
        service.updateWorkerDeploymentVersionMetadata({
          namespace,
          deploymentVersion,
          upsertEntries,
          identity,
        }),
      )
    },
  }

  async function orExplain<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const code = grpcCodeOf(error)
      const { details = '' } = error as { details?: string }
      if (code === GRPC.notFound)
        throw new CommandError(
          `Deployment ${deploymentName} has no such build any more. Look at "holdfast deploy status".`,
          EXIT.notFound,
        )
      if (code === GRPC.failedPrecondition)
        throw new CommandError(
          `Temporal refuses the change: ${details}. Look at "holdfast deploy status".`,
          EXIT.refused,
        )
      if (code === GRPC.unimplemented)
        throw new CommandError(
          'This Temporal server has no worker deployments. They need server 1.29.1 or newer.',
        )
      throw error
    }
  }
}

function nullIfNotFound(error: unknown): null {
  if (grpcCodeOf(error) === GRPC.notFound) return null
  throw error
}

/** `temporal.api.enums.v1.RoutingConfigUpdateState` */
const IN_PROGRESS = 1
/** `temporal.api.enums.v1.VersionDrainageStatus` */
const DRAINED = 2

function toBuild(summary: Summary, current: string | null, ramping: string | null): Build {
  const id = summary.deploymentVersion?.buildId ?? ''
  return {
    id,
    state: stateOf(id, summary, current, ramping),
    since: isoTime(summary.createTime),
    idleSince: isoTime(summary.lastDeactivationTime),
    lastCurrent: isoTime(summary.lastCurrentTime),
  }
}

function stateOf(
  id: string,
  { drainageInfo, firstActivationTime }: Summary,
  current: string | null,
  ramping: string | null,
): Build['state'] {
  if (id === current) return 'current'
  if (id === ramping) return 'ramping'
  if (!firstActivationTime) return 'new'
  return drainageInfo?.status === DRAINED ? 'drained' : 'draining'
}

function isoTime(time: Time): string | null {
  return time?.seconds ? new Date(Number(time.seconds) * 1_000).toISOString() : null
}
