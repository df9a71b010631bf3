import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { describeWorkers } from '../../../../src/api/temporal/task-queue-workers.ts'
import { openDeployment } from '../../../../src/cli/deploy/deployment.ts'
import type { FleetStatus } from '../../../../src/cli/deploy/fleet.ts'
import { fleetStatus } from '../../../../src/cli/deploy/fleet-status.ts'
import type { TemporalEnvironment } from '../../../support/temporal.ts'

/** This checkout's own program. */
export const THIS_BUILD = 'src/cli/main.ts'

export interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A deployment of its own on a test's task queue, and `holdfast deploy` as a process, of any build. */
export interface TestFleet {
  readonly deployment: string
  /** The environment of its workers. */
  readonly pinned: Readonly<Record<string, string>>
  deploy(
    program: string,
    args: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<Result>
  /** Resolves to the build's id. @throws with what the command said where it refuses */
  promote(program: string, ...options: readonly string[]): Promise<string>
  /** What `holdfast deploy status` tells, without its process. */
  status(): Promise<FleetStatus>
}

export function createTestFleet({ address, namespace, taskQueue, client }: TemporalEnvironment): TestFleet {
  const deployment = `fleet-${randomUUID().slice(0, 8)}`

  async function deploy(
    program: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Result> {
    const child = spawn(process.execPath, ['--conditions=source', program, 'deploy', ...args], {
      env: {
        ...process.env,
        LOG_FORMAT: 'json',
        TEMPORAL_ADDRESS: address,
        TEMPORAL_TASK_QUEUE: taskQueue,
        HOLDFAST_DEPLOYMENT: deployment,
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const [code, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)])
    return { code, out, err }
  }

  return {
    deployment,
    pinned: { HOLDFAST_VERSIONING: 'pinned', HOLDFAST_DEPLOYMENT: deployment },
    deploy,
    async promote(program, ...options) {
      const { code, out, err } = await deploy(program, ['promote', ...options])
      assert.equal(code, 0, `${out}${err}`)
      return /^(\w{12}) has \d+ % of new runs/m.exec(out)?.[1] ?? assert.fail(out)
    },
    async status() {
      const opened = openDeployment(client.workflowService, namespace, deployment)
      return fleetStatus(client, opened, taskQueue, await describeWorkers(client, taskQueue))
    },
  }
}

/** Open runs of a build. */
export function openRunsOn({ builds }: FleetStatus, build: string): number {
  return builds.find(({ id }) => id === build)?.openRuns ?? 0
}
