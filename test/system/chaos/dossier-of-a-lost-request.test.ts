import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import type { Script } from '../../../src/testing/script.ts'
import { until } from '../../support/until.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'

/* A worker dies while a provider is silent. What it has asked is what somebody wants to know first. */

let asked = 0
const script: Script = () => (asked++ === 0 ? { fault: 'hang' } : { text: 'The answer.' })

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

/** The process that has written down the request that is under way. */
async function whoAsks(runId: string): Promise<string> {
  const { worker } = await until('a request is written down while it is under way', async () => {
    const [row] = await system.database.query<{ worker: string }>({
      text: 'select worker from wire_exchanges where run_id = $1 and took_ms is null',
      values: [runId],
    })
    return row
  })
  return worker
}

test('a request that was under way when its worker was killed is there, and is said to be lost with it', async () => {
  const { caller, startWorker, terminateWorkers } = system
  const doomed = await startWorker()
  const { id } = (await caller.start({ agent: 'assistant', input: 'Are you there?' })).body
  const worker = await whoAsks(id)
  await startWorker()
  await doomed.kill()
  const { status } = await caller.untilEnd(id)
  assert.equal(status, 'completed')
  // Workers that end in good order write what they have.
  await terminateWorkers()

  const { body } = await caller.get<TraceResource>(`/runs/${id}/trace?step=1`)
  const [lost, answered] = body.steps[0]?.model_calls[0]?.attempts ?? []
  assert.deepEqual([lost?.status, lost?.lost], ['unknown', true])
  const [exchange] = lost?.exchanges ?? []
  assert.deepEqual(
    [exchange?.worker, exchange?.lost, exchange?.status, exchange?.took_ms],
    [worker, true, null, null],
  )
  assert.match(exchange?.request.text ?? '', /Are you there\?/)
  assert.deepEqual([answered?.status, answered?.lost], ['ok', undefined])
  assert.equal(answered?.exchanges[0]?.request.text, exchange?.request.text)

  const told = await fetch(caller.v1(`/runs/${id}/trace`), { headers: { accept: 'text/plain' } })
  assert.ok((await told.text()).includes(`lost with worker ${worker}\n`))
})
