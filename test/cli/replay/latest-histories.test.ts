import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WorkflowExecutionInfo } from '@temporalio/client'
import { type Executions, latestHistories } from '../../../src/cli/replay/latest-histories.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import { until } from '../../support/until.ts'

let temporal: TemporalEnvironment
let query: string
let ids: readonly string[]

before(async () => {
  temporal = await temporalEnvironment()
  const { client, taskQueue } = temporal
  query = `TaskQueue = '${taskQueue}'`
  ids = ['first', 'second', 'third'].map((name) => `${name}-${taskQueue}`)
  // Nobody works on them: each has a history all the same.
  for (const workflowId of ids)
    await client.workflow.start('agentRun', { taskQueue, workflowId, workflowExecutionTimeout: '2 minutes' })
  await until('three executions are listed', async () => (await client.workflow.count(query)).count === 3)
})
after(() => temporal.close())

async function namesOf(executions: Executions, count: number): Promise<string[]> {
  const names: string[] = []
  for await (const { name, history } of latestHistories(executions, query, count)) {
    assert.equal(history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId, name)
    names.push(name)
  }
  return names
}

test('the latest executions are loaded, as many as asked for', async () => {
  const [first, second, third] = ids
  assert.deepEqual(await namesOf(temporal.client.workflow, 2), [third, second])
  assert.deepEqual(await namesOf(temporal.client.workflow, 9), [third, second, first])
})

test('one that is deleted after it was listed is left out, and the next one taken', async () => {
  const { workflow } = temporal.client
  const [first, second = '', third] = ids
  const executions: Executions = {
    getHandle: (workflowId, runId) => workflow.getHandle(workflowId, runId),
    async *list(options) {
      const listed: WorkflowExecutionInfo[] = []
      for await (const each of workflow.list(options)) listed.push(each)
      await remove(second)
      yield* listed
    },
  }
  assert.deepEqual(await namesOf(executions, 2), [third, first])
})

async function remove(workflowId: string): Promise<void> {
  const { client, namespace } = temporal
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } })
  await until('the execution is deleted', () =>
    client.workflow
      .getHandle(workflowId)
      .fetchHistory()
      .then(
        () => false,
        () => true,
      ),
  )
}
