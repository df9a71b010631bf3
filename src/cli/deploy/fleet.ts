import type { DeployChange } from './build-record.ts'

/** What a deployment looks like now: its builds, and which of them new runs begin on. */
export interface Fleet {
  readonly deployment: string
  /** null: workers without versioning. */
  readonly current: string | null
  readonly ramp: Ramp | null
  /** Newest first. */
  readonly builds: readonly Build[]
  /** Task queues that do not go by this routing yet, such as `holdfast (workflow)`. */
  readonly behind: readonly string[]
  /** Temporal refuses a change that is based on an older state than this. */
  readonly token: Uint8Array
}

export interface Ramp {
  /** null: workers without versioning. */
  readonly build: string | null
  readonly percent: number
}

export interface Build {
  readonly id: string
  /** `new`: it was never given runs. `draining`: it is given none, and has some. */
  readonly state: 'new' | 'ramping' | 'current' | 'draining' | 'drained'
  /** ISO time of its first worker. */
  readonly since: string | null
  /** ISO time since which it is given no new runs; null where it is given some, or never was. */
  readonly idleSince: string | null
  /** ISO time at which it last was made the current one; null where it never was. */
  readonly lastCurrent: string | null
}

/** A build with what only an operator asks for. */
export interface BuildStatus extends Build {
  /** Workers that ask for work. */
  readonly workers: number
  /** Runs that have not ended. */
  readonly openRuns: number
  /** What was done with it, latest last. */
  readonly changes: readonly DeployChange[]
}

export interface FleetStatus extends Pick<Fleet, 'deployment' | 'current' | 'ramp'> {
  /** Whether every task queue goes by this routing. */
  readonly settled: boolean
  readonly builds: readonly BuildStatus[]
  readonly unversioned: Pick<BuildStatus, 'workers' | 'openRuns'>
  /** Open runs that wait for their first worker: which build they begin on is open. */
  readonly notBegun: number
}

/** How a build is called towards people. */
export function nameOf(build: string | null): string {
  return build ?? 'unversioned workers'
}
