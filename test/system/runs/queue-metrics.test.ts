import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { queueReadings } from '../../../src/api/metrics/queue-readings.ts'
import { temporalEnvironment } from '../../support/temporal.ts'

/** The server's statistics lag behind by some seconds. */
const LAG_MS = 30_000

test('the depth of the queue and its oldest age are Temporal’s own, by type', async (t) => {
  const temporal = await temporalEnvironment()
  t.after(() => temporal.close())
  const { client, taskQueue } = temporal
  const read = async () =>
    Object.fromEntries(
      (await queueReadings(client, taskQueue)).map(({ name, labels, value }) => [
        `${name} ${labels['type']}`,
        value,
      ]),
    )
  assert.deepEqual(await read(), {
    'holdfast_queue_depth workflow': 0,
    'holdfast_queue_oldest_age_seconds workflow': 0,
    'holdfast_queue_depth activity': 0,
    'holdfast_queue_oldest_age_seconds activity': 0,
  })

  const handles = await Promise.all(
    ['one', 'two', 'three'].map((name) =>
      client.workflow.start('agentRun', { workflowId: `${taskQueue}-${name}`, taskQueue, args: [] }),
    ),
  )
  const began = performance.now()
  let readings = await read()
  while (
    readings['holdfast_queue_depth workflow'] !== 3 ||
    readings['holdfast_queue_oldest_age_seconds workflow'] === 0
  ) {
    assert.ok(performance.now() - began < LAG_MS, JSON.stringify(readings))
    await delay(200)
    readings = await read()
  }
  assert.equal(readings['holdfast_queue_depth activity'], 0)
  const age = readings['holdfast_queue_oldest_age_seconds workflow'] ?? 0
  assert.ok(age > 0 && age * 1_000 <= performance.now() - began + 2_000, String(age))
  for (const handle of handles) await handle.terminate()
})
