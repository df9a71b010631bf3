import { counted } from '../../contracts/operator-words.ts'
import { textTable } from '../../contracts/text-table.ts'
import type { DeployChange } from './build-record.ts'
import { type BuildStatus, type FleetStatus, nameOf } from './fleet.ts'

const HEADINGS = ['build', 'state', 'new runs', 'workers', 'open runs', 'since', 'last change']

/** A deployment as an operator reads it. */
export function statusText(status: FleetStatus, own: string | null): string {
  const { current, builds, unversioned, notBegun } = status
  const rows = builds.map((build) => [
    build.id === own ? `${build.id} (this one)` : build.id,
    build.state,
    shareOf(build.id, status),
    String(build.workers),
    String(build.openRuns),
    minute(build.since),
    changeText(build.changes.at(-1)),
  ])
  const hasUnversioned = unversioned.workers + unversioned.openRuns > 0 || current === null
  if (hasUnversioned) {
    const { workers, openRuns } = unversioned
    rows.push(['unversioned', '', shareOf(null, status), String(workers), String(openRuns), '', ''])
  }
  if (notBegun > 0) rows.push(['not begun', '', '', '', String(notBegun), '', ''])
  return [headingOf(status), '', textTable([HEADINGS, ...rows]), ...warnings(status)].join('\n')
}

function headingOf({ deployment, current, ramp, builds, settled }: FleetStatus): string {
  if (builds.length === 0)
    return (
      `New runs begin on ${nameOf(null)}: no worker with HOLDFAST_VERSIONING=pinned has run yet in deployment ${deployment} ` +
      '(HOLDFAST_DEPLOYMENT).\nThere is nothing to promote or roll back.'
    )
  return [
    `Deployment ${deployment}: new runs begin on ${nameOf(current)}`,
    ...(ramp === null ? [] : [`, ${ramp.percent} % of them on ${nameOf(ramp.build)}`]),
    ...(settled ? [] : [' (the change is still on its way to the task queues)']),
    '.',
  ].join('')
}

/** What needs somebody: a build that runs wait for, without a worker. */
function warnings({ builds, current, unversioned }: FleetStatus): string[] {
  const stranded = builds.filter(
    ({ id, workers, openRuns }) => workers === 0 && (openRuns > 0 || id === current),
  )
  return [
    ...(current === null && unversioned.workers === 0
      ? [`\nThere is no unversioned worker: runs that begin on one wait. ${whatToDo(builds)}`]
      : []),
    ...stranded.map(
      ({ id, openRuns }) => `\n${id} has no worker, and ${waitingText(openRuns, id === current)} for it.`,
    ),
  ]
}

function whatToDo(builds: FleetStatus['builds']): string {
  return builds.length === 0 ? 'Start one: holdfast worker' : 'Promote a build: holdfast deploy promote'
}

function waitingText(openRuns: number, isCurrent: boolean): string {
  const open = counted(openRuns, 'open run')
  if (isCurrent) return `${open} and every new one wait`
  return `${open} ${openRuns === 1 ? 'waits' : 'wait'}`
}

/** The share of new runs, in percent. */
function shareOf(build: string | null, { current, ramp }: FleetStatus): string {
  if (ramp !== null && build === ramp.build) return `${ramp.percent} %`
  if (build === current) return `${100 - (ramp?.percent ?? 0)} %`
  return ''
}

function changeText(change: DeployChange | undefined): string {
  if (change === undefined) return ''
  const { at, by, what, percent, forced } = change
  const share = what === 'promoted' && percent < 100 ? ` to ${percent} %` : ''
  return `${what}${share} ${minute(at)} by ${by}${forced === undefined ? '' : `, forced: ${forced}`}`
}

function minute(time: BuildStatus['since']): string {
  return time?.slice(0, 16).replace('T', ' ') ?? ''
}
