import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { clerkPlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'

for (const store of ['pglite', 'postgres'] as const) {
  test(`a message that is accepted just before a run would complete is answered, on ${store}`, async (t) => {
    const said: string[] = []
    const environment = await startEnvironment({
      store,
      async script({ messages }) {
        const last = messages.at(-1)
        const words = last?.role === 'user' ? last.text : ''
        said.push(words)
        // While the model speaks the store gets a message whose signal never comes: its sender died in between.
        if (said.length === 1) {
          const added = await addInboxMessage(environment.database, { ...late, tenant: 'default', runId })
          assert.equal(added, 'added')
        }
        return { text: `You said: ${words}` }
      },
    })
    t.after(() => environment.close())
    const late = { id: 'msg_late', text: 'And one thing more', by: 'bob', introduction: 'From bob:' }
    let runId = ''
    const started = await environment.startPlan(clerkPlan(), 'Hello')
    runId = started.runId
    await environment.temporal.client.workflow.getHandle(started.workflowId).result()

    assert.deepEqual(
      said,
      ['Hello', 'From bob:\n\nAnd one thing more'],
      'the model is told whose words they are',
    )
    const again = await addInboxMessage(environment.database, {
      id: 'msg_too_late',
      text: 'x',
      by: 'local',
      tenant: 'default',
      runId,
    })
    assert.equal(again, 'ended', 'what comes after the end is refused')
    const events = await environment.database.query<{ type: string; by: string | null }>({
      text: `select type, data ->> 'by' as by from run_events where run_id = $1 order by seq`,
      values: [runId],
    })
    assert.deepEqual(
      events.map(({ type, by }) => `${type} ${by ?? ''}`.trim()),
      [
        'run.queued local',
        'run.started',
        'model.completed',
        'message.received bob',
        'model.completed',
        'run.completed',
      ],
    )
  })
}
