import type { Client } from '@temporalio/client'
import type { WorkflowBundleOption } from '@temporalio/worker'
import type { TaskQueueWorkers } from '../../api/temporal/task-queue-workers.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import type { Deployment } from './deployment.ts'
import type { Build, Fleet } from './fleet.ts'
import { countWorkers } from './fleet-status.ts'
import type { GateResult } from './replay-gate.ts'

/** What the commands work with. */
export interface DeployContext {
  readonly client: Client
  readonly deployment: Deployment
  readonly taskQueue: string
  /** The workers that are there now. */
  readonly workers: () => Promise<TaskQueueWorkers>
  /** The build that this program's code is. Bundles the workflows, which takes seconds. */
  readonly own: () => Promise<OwnBuild>
  /** Replays recent runs on that build. */
  readonly replay: (own: OwnBuild) => Promise<GateResult>
  /** Tells the person at the terminal what is going on. */
  readonly say: (text: string) => void
}

export interface OwnBuild {
  readonly id: string
  readonly bundle: WorkflowBundleOption
}

/** @throws CommandError where the deployment has no such build */
export function requireBuild({ deployment, builds }: Fleet, id: string): Build {
  const build = builds.find((each) => each.id === id)
  if (build !== undefined) return build
  const known = builds.map((each) => each.id).join(', ') || 'none'
  throw new CommandError(
    `Deployment ${deployment} has no build ${id}: no worker of it has asked for work. There are: ${known}.`,
    EXIT.notFound,
  )
}

/** New runs of a build without workers would wait, and nobody else may take them. @throws CommandError where it has none */
export async function requireWorkers(context: DeployContext, build: string | null): Promise<void> {
  if (await hasWorkers(context, build)) return
  const whose = build === null ? 'without versioning' : `of build ${build}`
  throw new CommandError(
    `No worker ${whose} asks for work on task queue ${context.taskQueue}: new runs would wait. Start some first.`,
    EXIT.unavailable,
  )
}

/** Says what to do where new runs begin on a build that has no workers. */
export async function warnWithoutWorkers(context: DeployContext, build: string | null): Promise<void> {
  if (await hasWorkers(context, build)) return
  const whose = build === null ? 'unversioned workers' : `workers of ${build}`
  context.say(
    `There are no ${whose} on task queue ${context.taskQueue}: new runs stay queued until some start, or until a build is promoted ` +
      '(holdfast deploy promote).',
  )
}

async function hasWorkers({ deployment, workers }: DeployContext, build: string | null): Promise<boolean> {
  const { deployment: name } = await deployment.look()
  return (countWorkers(await workers(), name).get(build) ?? 0) > 0
}
