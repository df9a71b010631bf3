import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowFailedError } from '@temporalio/client'
import type { History } from '@temporalio/common/lib/proto-utils.js'
import { isTerminal, type RunId } from '../../../src/contracts/runs/run.ts'
import { plainScript } from '../../../src/testing/plain-script.ts'
import { STATUS_ATTRIBUTE } from '../../../src/workflows/agent-run.messages.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { startTestTemporal } from '../../support/temporal.ts'
import { createCaller } from '../runs/support/caller.ts'
import { executionsOf } from '../runs/support/history.ts'
import type { OtherScenario, Scenario, Stage } from './scenarios/scenario.ts'

/** Far below Temporal's own 4,096, and more than any scenario needs that is not about handing over. */
const HAND_OVER_AFTER_EVENTS = 160

const PATIENCE_MS = 10_000

export interface Recorder {
  /** What the histories are made with: SDK and server. */
  readonly madeWith: string
  /** Plays a scenario and gives the history of each execution. @throws where the run comes to something else */
  record(name: string, scenario: Scenario | OtherScenario): Promise<readonly History[]>
  close(): Promise<void>
}

/** The real system on a Temporal server of its own. */
export async function startRecorder(sdkVersion: string): Promise<Recorder> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await startTestTemporal({
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': HAND_OVER_AFTER_EVENTS },
  })
  cleanup.defer(() => temporal.stop())
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address
  let script = plainScript
  const environment = await startEnvironment({ store: 'postgres', script: (request) => script(request) })
  cleanup.defer(() => environment.close())
  const { client } = environment.temporal
  const { serverVersion } = await client.workflowService.getSystemInfo({})
  const caller = createCaller(environment.service.url)
  const open = cleanup.move()

  function stageOf(name: string): Stage {
    return {
      environment,
      caller,
      handOverAfterEvents: HAND_OVER_AFTER_EVENTS,
      answerWith(next) {
        script = next
      },
      async start(agent, input, budget) {
        const run = { agent, input, ...(budget !== undefined && { budget }) }
        const { body } = await caller.start(run, { 'idempotency-key': name })
        return { runId: body.id as RunId, workflowId: `${agent}/default/${name}` }
      },
      async untilWaiting({ runId, workflowId }) {
        const approval = await caller.untilWaiting(runId)
        const workflow = client.workflow.getHandle(workflowId)
        for (const end = Date.now() + PATIENCE_MS; ; await delay(20)) {
          const { typedSearchAttributes } = await workflow.describe()
          if (typedSearchAttributes.get(STATUS_ATTRIBUTE) === 'requires_action') return approval
          if (Date.now() > end) throw new Error(`${workflowId} does not wait`)
        }
      },
      startPlan: environment.startPlan,
    }
  }

  async function record(name: string, scenario: Scenario | OtherScenario): Promise<readonly History[]> {
    if (!('workflow' in scenario)) return recordRun(name, scenario)
    const { workflowId } = await scenario.play(stageOf(name))
    return [await client.workflow.getHandle(workflowId).fetchHistory()]
  }

  async function recordRun(name: string, scenario: Scenario): Promise<readonly History[]> {
    const { runId, workflowId } = await scenario.play(stageOf(name))
    const workflow = client.workflow.getHandle(workflowId)
    const isOpen = !isTerminal(scenario.ends.split('/')[0] as Parameters<typeof isTerminal>[0])
    if (!isOpen) {
      await caller.untilEnd(runId)
      // Runs that fail or are cancelled end their workflow as such.
      await workflow.result().catch((error: unknown) => {
        if (!(error instanceof WorkflowFailedError)) throw error
      })
    }
    const { status, reason } = await caller.run(runId)
    const end = [status, ...(reason ? [reason] : [])].join('/')
    if (end !== scenario.ends) throw new Error(`${name} came to ${end} instead of ${scenario.ends}`)

    const { events } = await workflow.fetchHistory()
    const first = events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? ''
    const runIds = await executionsOf(client, workflowId, first)
    if (runIds.length > 1 !== (scenario.handsOver ?? false)) {
      throw new Error(`${name} went through ${runIds.length} executions`)
    }
    return Promise.all(runIds.map((id) => client.workflow.getHandle(workflowId, id).fetchHistory()))
  }

  return {
    madeWith: `TypeScript SDK ${sdkVersion}, server ${serverVersion}`,
    record,
    close: () => open.disposeAsync(),
  }
}
