import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MemoryResource } from '../../../src/api/memory/memory.schema.ts'
import type { Script } from '../../../src/testing/script.ts'
import { wordsOf } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { startDatabaseProxy } from '../chaos/support/database-proxy.ts'
import diary from './support/diary.ts'

/** Keeps one fact, then repeats what it was told. */
const script: Script = ({ messages }) => {
  const told = messages.at(-1)
  return told?.role === 'tool'
    ? { text: wordsOf(told) }
    : { toolCalls: [{ tool: 'remember', arguments: { fact: 'Drinks tea.' } }] }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('a worker is killed when a fact is kept and its result is not stored yet: the fact is there once', async (t) => {
  const { caller, database, databaseUrl, temporal } = system
  const startWorker = (url?: string) =>
    system.startWorker(url, {}, undefined, 'test/system/memory/support/diary.ts')
  const proxy = await startDatabaseProxy(databaseUrl, {
    what: 'request',
    having: ['store_tool_result', 'remember'],
  })
  t.after(() => proxy.close())
  const doomed = await startWorker(proxy.url)
  const plan = diary.plan('diarist')
  assert.ok(plan)
  const { runId } = await startPlan(database, temporal, plan, 'Remember it.')
  await proxy.held(1)
  const kept = async () => (await caller.get<{ data: MemoryResource[] }>('/memories')).body.data
  const [before, ...others] = await kept()
  assert.deepEqual(others, [])
  await startWorker()
  await doomed.kill()
  const run = await caller.untilEnd(runId)
  assert.deepEqual([run.status, run.output], ['completed', JSON.stringify({ kept: before?.id })])
  assert.deepEqual(await kept(), [before])
  const started = (await caller.events(runId)).filter(({ type }) => type === 'tool.started')
  assert.equal(started.length, 1)
})
