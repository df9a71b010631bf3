import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BREAKERS, WAKING } from '../../../src/policies/models/breakers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { recordModelWait } from '../../../src/store/models/record-model-wait.ts'
import { forceCircuit } from '../../../src/store/traffic/circuits.ts'
import { reportCircuit } from '../../../src/store/traffic/report-circuit.ts'
import { claimWaitingRuns } from '../../../src/store/traffic/wake-runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { newRun, samplePlan, startRun } from '../support/samples.ts'

const KEY = { provider: 'openai', model: 'gpt-test' }
/** A turn can be taken whenever it is asked for. */
const AT_ANY_TIME = { ...WAKING, everyMs: 0 }

/** A run that waits for its model. Returns the id of its workflow. */
async function waitingRun(database: Database, model = KEY.model): Promise<string> {
  const [first] = samplePlan.chain
  assert.ok(first)
  const { id, workflowId, plan } = newRun({ plan: { ...samplePlan, chain: [{ ...first, model }] } })
  const run = await startRun(database, { id, workflowId, plan })
  const waits = { since: new Date().toISOString(), until: new Date(Date.now() + 60_000).toISOString() }
  await recordModelWait(database, { run, progress: 1, notices: ['away'], step: 1, tries: 0, waits })
  return workflowId
}

async function opened(database: Database): Promise<void> {
  await reportCircuit(
    database,
    { ...KEY, worker: 'a', code: 'model_overloaded', failures: 5, calls: 5 },
    { ...BREAKERS, atOnce: true, openForMs: [60_000] },
  )
}

async function closed(database: Database): Promise<void> {
  await forceCircuit(database, KEY, { forced: 'closed', by: 'ops' })
}

forEachDatabase((_, open) => {
  test('runs are claimed once the circuit of a model of their chain has closed, and once for each time', async () => {
    const database = await open()
    await opened(database)
    const waiting = await waitingRun(database)
    await waitingRun(database, 'another')
    await startRun(database)
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [])
    await closed(database)
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [waiting])
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [])
    await closed(database)
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [waiting])
  })

  test('500 runs come back in turns, oldest first, at the pace of the table whoever asks', async (context) => {
    const database = await open()
    const workflows: string[] = []
    for (let n = 0; n < 500; n++) workflows.push(await waitingRun(database))
    await opened(database)
    await closed(database)
    const [first, others] = await Promise.all([
      claimWaitingRuns(database, WAKING),
      claimWaitingRuns(database, WAKING),
    ])
    assert.equal(first.length + others.length, WAKING.runs, 'two processes have one turn between them')
    const claimed = [...first, ...others]
    let turns = 1
    while (claimed.length < workflows.length) {
      await database.query({ text: `update circuits set woken_at = woken_at - interval '1 second'` })
      const turn = await claimWaitingRuns(database, WAKING)
      assert.ok(turn.length > 0 && turn.length <= WAKING.runs, `${turn.length} runs of a turn`)
      claimed.push(...turn)
      turns += 1
    }
    context.diagnostic(`500 waiting runs came back in ${turns} turns of ${WAKING.everyMs} ms`)
    assert.deepEqual(claimed.toSorted(), workflows.toSorted())
    assert.deepEqual(new Set(claimed.slice(0, WAKING.runs)), new Set(workflows.slice(0, WAKING.runs)))
  })

  test('a circuit that an operator holds open brings nobody back before it is given back', async () => {
    const database = await open()
    const waiting = await waitingRun(database)
    await forceCircuit(database, KEY, { forced: 'open', by: 'ops' })
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [])
    await forceCircuit(database, KEY, { forced: null, by: 'ops' })
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [waiting])
  })

  test('long after the circuit has closed nobody is claimed any more', async () => {
    const database = await open()
    await waitingRun(database)
    await opened(database)
    await closed(database)
    await database.query({ text: `update circuits set closed_at = closed_at - interval '1 day'` })
    assert.deepEqual(await claimWaitingRuns(database, AT_ANY_TIME), [])
  })
})
