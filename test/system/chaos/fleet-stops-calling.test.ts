import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { listCircuits, listReports } from '../../../src/store/traffic/circuits.ts'
import type { Script } from '../../../src/testing/script.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'

const WORKERS = ['1', '2', '3', '4']
const RUNS_PER_SECOND = 12
/** Less than the circuit stays open before its first probe. */
const LOAD_AFTER_MS = 6_000

const OVERLOADED = { fault: { status: 529, body: { error: { message: 'overloaded' } } } }
const script: Script = ({ wire }) => (wire === 'anthropic-messages' ? { text: 'Here I am.' } : OVERLOADED)

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('F15: a fleet of 4 workers stops calling a dead provider within 2 s of the second worker’s trip', async (context) => {
  const { caller, database, databaseUrl, provider, startWorker } = system
  // Each has a key of its own, by which the provider tells them apart.
  await Promise.all(WORKERS.map((key) => startWorker(databaseUrl, { OPENAI_API_KEY: key })))
  const runs: string[] = []
  const start = async () => {
    runs.push((await caller.start({ agent: 'assistant', input: 'Are you there?' })).body.id)
  }

  let openedAt: number | null = null
  const end = Date.now() + 60_000
  while (openedAt === null || Date.now() < openedAt + LOAD_AFTER_MS) {
    assert.ok(Date.now() < end, 'the circuit did not open')
    await start()
    await delay(1_000 / RUNS_PER_SECOND)
    const [circuit] = openedAt === null ? await listCircuits(database) : []
    if (circuit?.state === 'open') openedAt = Date.parse(circuit.openedAt ?? '')
  }
  for (const id of runs) assert.equal((await caller.untilEnd(id)).status, 'completed')

  const opened = openedAt
  const calls = provider.requests.filter(({ wire }) => wire !== 'anthropic-messages')
  const late = calls.filter(({ receivedAt }) => receivedAt > opened)
  const silentAfterMs = Math.max(0, ...late.map(({ receivedAt }) => receivedAt - opened))
  const counts = WORKERS.map((key) => {
    const isOf = ({ headers }: (typeof calls)[number]) => headers['authorization'] === `Bearer ${key}`
    return { worker: key, calls: calls.filter(isOf).length, extra: late.filter(isOf).length }
  })
  context.diagnostic(
    `${runs.length} runs, ${calls.length} calls of the dead model, silent after ${silentAfterMs} ms`,
  )
  context.diagnostic(
    counts
      .map(({ worker, calls, extra }) => `worker ${worker}: ${calls} calls, ${extra} of them extra`)
      .join('; '),
  )
  assert.ok((await listReports(database)).length >= 2)
  assert.ok(silentAfterMs < 2_000, `${silentAfterMs} ms`)
  for (const { worker, extra } of counts) assert.ok(extra <= 10, `worker ${worker}: ${extra} extra calls`)
})
