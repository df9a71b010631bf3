import { Client } from '@temporalio/client'
import { loadConfig } from '../../config/config.ts'
import { createLogger } from '../../telemetry/logs/create-logger.ts'
import { buildIdOf } from '../../worker/build-id.ts'
import { installRuntime } from '../../worker/install-runtime.ts'
import { bundleWorkflows } from '../../worker/workflow-bundle.ts'
import { connectToTemporal } from '../connect-to-temporal.ts'
import { workersThere } from '../store/workers-there.ts'
import type { DeployContext, OwnBuild } from './deploy-context.ts'
import { openDeployment } from './deployment.ts'
import { drain } from './drain.ts'
import { fleetStatus } from './fleet-status.ts'
import { promote } from './promote.ts'
import { type DeployCommand, readDeployCommand } from './read-deploy-command.ts'
import { replayRecent } from './replay-gate.ts'
import { rollback } from './rollback.ts'
import { statusText } from './status-text.ts'

/** `holdfast deploy status | promote | rollback | drain`: which build new runs begin on. */
export async function deploy(args: readonly string[]): Promise<number> {
  const command = readDeployCommand(args)
  const { temporal, deployment, databaseUrl, log } = loadConfig()
  const { namespace, taskQueue } = temporal
  const connection = await connectToTemporal(temporal)
  try {
    const client = new Client({ connection, namespace })
    const context: DeployContext = {
      client,
      deployment: openDeployment(connection.workflowService, namespace, deployment.name),
      taskQueue,
      workers: () => workersThere(client, taskQueue, databaseUrl),
      own: ownBuild,
      replay({ bundle }) {
        // Only here: a runtime keeps its process alive until a worker has ended.
        installRuntime(createLogger({ ...log, levels: { base: 'error', areas: {} } }))
        return replayRecent(client, taskQueue, bundle)
      },
      say,
    }
    await run(context, command)
    return 0
  } finally {
    await connection.close()
  }
}

async function run(context: DeployContext, command: DeployCommand): Promise<void> {
  switch (command.name) {
    case 'status': {
      const { client, deployment, taskQueue } = context
      const status = await fleetStatus(client, deployment, taskQueue, await context.workers())
      // Which build is this one is only of use beside others.
      const own = async () => (status.builds.length === 0 ? null : (await ownBuild()).id)
      context.say(command.json ? JSON.stringify(status, null, 2) : statusText(status, await own()))
      break
    }
    case 'promote':
      await promote(context, command)
      break
    case 'rollback':
      await rollback(context, command)
      break
    case 'drain':
      await drain(context, command.build)
      break
  }
}

async function ownBuild(): Promise<OwnBuild> {
  const bundle = await bundleWorkflows()
  return { id: buildIdOf(bundle), bundle }
}

const say = (text: string) => process.stdout.write(`${text}\n`)
