import { DEPLOYS } from '../../policies/operations/deploys.ts'

/** One change of what a build is given. */
export interface DeployChange {
  readonly at: string
  /** Who gave the command, as `user@host`. */
  readonly by: string
  /** `rolled back`: unversioned workers took over from it. */
  readonly what: 'promoted' | 'rolled back to' | 'rolled back' | 'ramp ended'
  /** Share of new runs. */
  readonly percent: number
  /** Histories that were replayed before, and how many of them failed; null where none was. */
  readonly gate: { readonly replayed: number; readonly failed: number } | null
  /** Why the change was forced; absent where it was not. */
  readonly forced?: string
}

/** What the commands keep with a build, in Temporal's own metadata of the version: no other store is needed to go back. */
export interface BuildRecord {
  /** The build that was current before this one; null for workers without versioning. Absent where this one never was current. */
  readonly previous?: string | null
  /** The build that a rollback took new runs from, and gave them to this one. It stands until the next promotion. */
  readonly tookOverFrom?: string | null
  readonly changes: readonly DeployChange[]
}

export const NO_RECORD: BuildRecord = { changes: [] }

/** The record after another change; the oldest changes make room. */
export function withChange(record: BuildRecord, change: DeployChange): BuildRecord {
  return { ...record, changes: [...record.changes, change].slice(-DEPLOYS.keptChanges) }
}
