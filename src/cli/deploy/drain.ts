import { WorkflowNotFoundError } from '@temporalio/client'
import { openRunsOf } from '../../api/temporal/builds.ts'
import { counted } from '../../contracts/operator-words.ts'
import { DEPLOYS } from '../../policies/operations/deploys.ts'
import { changeBuild } from '../../workflows/agent-run.messages.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { type DeployContext, requireBuild } from './deploy-context.ts'
import { nameOf } from './fleet.ts'

/**
 * Asks the open runs of a build to move to the one that new runs begin on. Each moves as soon as nothing of it is in flight, at the latest
 * when its model call or tool call has ended; one that waits for a person moves at once. The build's workers have to be up for that.
 *
 * @throws CommandError where new runs begin on the build
 */
export async function drain({ client, deployment, say }: DeployContext, id: string): Promise<void> {
  const fleet = await deployment.look()
  const build = requireBuild(fleet, id)
  if (build.state === 'current' || build.state === 'ramping')
    throw new CommandError(
      `New runs begin on ${id}: promote another build, or roll back, before its runs can move.`,
      EXIT.refused,
    )
  const waiting: string[] = []
  for await (const { workflowId } of client.workflow.list({ query: openRunsOf(fleet.deployment, id) }))
    waiting.push(workflowId)
  let asked = 0
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await client.workflow.getHandle(next).signal(changeBuild, { from: id })
        asked += 1
      } catch (error) {
        // It has ended meanwhile.
        if (!(error instanceof WorkflowNotFoundError)) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: DEPLOYS.askedAtOnce }, work))
  say(
    `${counted(asked, 'run')} of ${id} ${asked === 1 ? 'was' : 'were'} asked to move to ${nameOf(fleet.current)}. Those with a call or a sub-agent under way move when it ends; ` +
      '"holdfast deploy status" shows how many are left.',
  )
}
