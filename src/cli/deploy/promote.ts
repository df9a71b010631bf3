import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { type BuildRecord, type DeployChange, withChange } from './build-record.ts'
import {
  type DeployContext,
  type OwnBuild,
  requireBuild,
  requireWorkers,
  warnWithoutWorkers,
} from './deploy-context.ts'
import { type Fleet, nameOf } from './fleet.ts'
import { gateText } from './gate-text.ts'
import type { GateResult } from './replay-gate.ts'

export interface Promotion {
  /** The build of this program's own code where none is named. */
  readonly build?: string | undefined
  /** Share of new runs; at 100 the build becomes the current one. */
  readonly percent: number
  /** Why it goes past the replay gate; absent where it does not. */
  readonly forced?: string | undefined
}

/**
 * Gives a build a share of the new runs, or all of them. Runs under way stay where they are. Giving the share that a build has already
 * changes nothing.
 *
 * @throws CommandError where the build has no workers, or recent histories do not replay on it and the promotion is not forced
 */
export async function promote(
  context: DeployContext,
  { percent, forced, ...asked }: Promotion,
): Promise<void> {
  const { deployment, say } = context
  const own = await context.own()
  const build = asked.build ?? own.id
  const fleet = await deployment.look()
  requireBuild(fleet, build)
  if (hasShare(fleet, build, percent)) {
    say(`${build} has ${percent} % of new runs already.`)
    return
  }
  if (build === fleet.current)
    throw new CommandError(
      `${build} is the current build. To give it fewer runs, promote another one, or roll back.`,
      EXIT.refused,
    )
  await requireWorkers(context, build)
  const gate = await passGate(context, own, build, forced)

  const change: DeployChange = {
    at: new Date().toISOString(),
    by: deployment.identity,
    what: 'promoted',
    percent,
    gate: gate && { replayed: gate.replayed, failed: gate.failures.length },
    ...(forced !== undefined && { forced }),
  }
  // Before the change itself, so that it can be taken back wherever this ends.
  await keepPromotion(context, fleet, build, change)
  if (percent === 100) await deployment.setCurrent(build, fleet)
  else await deployment.setRamp(build, percent, fleet)
  await deployment.untilSettled()
  const rest = percent === 100 ? '' : ` The others begin on ${nameOf(fleet.current)}.`
  say(`${build} has ${percent} % of new runs now.${rest}`)
  if (percent < 100) await warnWithoutWorkers(context, fleet.current)
}

function hasShare({ current, ramp }: Fleet, build: string, percent: number): boolean {
  // A ramp of another build takes runs away from the current one.
  if (percent === 100) return current === build && ramp === null
  return ramp !== null && ramp.build === build && ramp.percent === percent
}

/** @returns null where there was nothing to replay with, and the promotion is forced */
async function passGate(
  { replay, say }: DeployContext,
  own: OwnBuild,
  build: string,
  forced: string | undefined,
): Promise<GateResult | null> {
  if (build !== own.id) {
    if (forced !== undefined) return null
    throw new CommandError(
      `This program's code is build ${own.id}, so it cannot replay histories on ${build}. Give the command with the code of ${build}, ` +
        'in its container for example, or use --force --reason TEXT.',
      EXIT.refused,
    )
  }
  say(`Replaying recent runs on ${build} …`)
  const gate = await replay(own)
  say(gateText(gate))
  if (gate.failures.length > 0 && forced === undefined)
    throw new CommandError(
      `${build} is not promoted: runs like these would stand still on it. Mend it as docs/guides/deploy-versions.md says, ` +
        'or use --force --reason TEXT where no such run can come to it.',
    )
  return gate
}

async function keepPromotion(
  { deployment }: DeployContext,
  { current }: Fleet,
  build: string,
  change: DeployChange,
): Promise<void> {
  const before = withChange(await deployment.recordOf(build), change)
  const record: BuildRecord = {
    ...before,
    tookOverFrom: null,
    ...(change.percent === 100 && { previous: current }),
  }
  await deployment.keepRecord(build, record)
  if (current === null) return
  // From now on a rollback means this promotion, no longer the one before.
  const replaced = await deployment.recordOf(current)
  if (replaced.tookOverFrom) await deployment.keepRecord(current, { ...replaced, tookOverFrom: null })
}
