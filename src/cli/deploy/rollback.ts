import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { withChange } from './build-record.ts'
import { type DeployContext, requireWorkers, warnWithoutWorkers } from './deploy-context.ts'
import { type Fleet, nameOf } from './fleet.ts'

export interface Rollback {
  /** Goes back further where new runs have been rolled back already, and to a build without workers. */
  readonly force: boolean
}

/**
 * Takes new runs away from the build that was promoted last: ends its ramp, or gives them to the build that was current before. Runs under
 * way stay where they are. A rollback that is repeated changes nothing.
 *
 * @throws CommandError where nothing is known of a build before, or it has no workers
 */
export async function rollback(context: DeployContext, { force }: Rollback): Promise<void> {
  const { deployment, say } = context
  const fleet = await deployment.look()
  const { current, ramp } = fleet
  if (ramp !== null) {
    await note(context, current, ramp.build, 'ramp ended')
    await deployment.endRamp(fleet)
    await deployment.untilSettled()
    say(`${nameOf(ramp.build)} has no new runs any more: all begin on ${nameOf(current)}.`)
    await warnWithoutWorkers(context, current)
    return
  }
  if (current === null) {
    say('Nothing to roll back: new runs begin on unversioned workers.')
    await warnWithoutWorkers(context, null)
    return
  }
  const record = await deployment.recordOf(current)
  if (record.tookOverFrom && !force) {
    say(`Rolled back from ${record.tookOverFrom} to ${current} already. --force goes back further.`)
    return
  }
  const target = previousOf(fleet, current, record.previous)
  if (!force) await requireWorkers(context, target)
  await note(context, target, current, 'rolled back to')
  await deployment.setCurrent(target, fleet)
  await deployment.untilSettled()
  say(`New runs begin on ${nameOf(target)} again. Runs that began on ${current} end there: keep its workers.`)
  await warnWithoutWorkers(context, target)
}

/** The build that was current before: by the record, or else by Temporal's dates. */
function previousOf({ builds }: Fleet, current: string, recorded: string | null | undefined): string | null {
  if (recorded !== undefined) {
    if (recorded === null || builds.some(({ id }) => id === recorded)) return recorded
    throw new CommandError(
      `${recorded}, which was current before ${current}, is not there any more: promote another build.`,
      EXIT.notFound,
    )
  }
  const [latest] = builds
    .filter(({ id, lastCurrent }) => id !== current && lastCurrent !== null)
    .sort((a, b) => String(b.lastCurrent).localeCompare(String(a.lastCurrent)))
  if (latest !== undefined) return latest.id
  throw new CommandError(
    `Nothing is known of a build before ${current}: promote the one that you want.`,
    EXIT.notFound,
  )
}

/**
 * Keeps who did it with the build that takes over, and from whom it does: a rollback that is repeated must not go back further. Unversioned
 * workers have no record, so there the build that they take over from has it.
 */
async function note(
  { deployment }: DeployContext,
  build: string | null,
  from: string | null,
  what: 'rolled back to' | 'ramp ended',
): Promise<void> {
  const change = { at: new Date().toISOString(), by: deployment.identity, gate: null }
  if (build !== null) {
    const record = withChange(await deployment.recordOf(build), { ...change, what, percent: 100 })
    await deployment.keepRecord(build, { ...record, tookOverFrom: nameOf(from) })
  } else if (from !== null) {
    const ofLoser = what === 'rolled back to' ? 'rolled back' : what
    const record = withChange(await deployment.recordOf(from), { ...change, what: ofLoser, percent: 0 })
    await deployment.keepRecord(from, record)
  }
}
