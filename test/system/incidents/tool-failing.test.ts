import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { jsonLines } from './support/on-call.ts'
import { answerByTools } from './support/scripts.ts'
import { assertQuiet, openStage } from './support/stage.ts'
import { steadily } from './support/traffic.ts'

const directory = temporaryDirectory()

test('a tool whose service fails one request in three is named, and so are what the service said and a run that met it', async () => {
  await using stage = await openStage({ directory, script: answerByTools })
  const { carrier, prometheus, onCall, operator } = stage
  const traffic = steadily(1.5, () => stage.start('ann', { agent: 'support', input: 'Where is P-1001?' }))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => traffic.stop())
  await prometheus.until('sum(holdfast_tool_attempts_total{outcome="ok"}) > 5')
  await assertQuiet(stage, [])

  carrier.failEvery(3)

  const alert = await onCall.paged('HoldfastToolFailing')
  assert.equal(alert.labels['tool'], 'find_parcel')
  const runbook = onCall.runbook(alert)
  const shares = await runbook.panel('Holdfast: agents and models', 'Attempts that failed')
  assert.deepEqual(
    shares.filter(({ value }) => value > 0).map(({ labels }) => labels['tool']),
    ['find_parcel'],
  )
  const why = await runbook.panel('Holdfast: agents and models', 'Why attempts failed')
  assert.deepEqual(
    why.map(({ labels }) => labels),
    [{ tool: 'find_parcel', code: 'tool_failed' }],
  )
  const [failed] = jsonLines(await runbook.run('docker compose logs', { NAME: 'find_parcel' }))
  assert.deepEqual([failed?.['code'], failed?.['err']], ['tool_failed', 'the carrier answered 503'])
  const id = String(failed?.['runId'])
  const story = await runbook.run('holdfast runs trace', { ID: id })
  assert.match(story, /call +find_parcel \{"number":"P-1001"\}/)

  carrier.failEvery(null)
  assert.equal((await operator.untilEnd(id)).status, 'completed')
  await assertQuiet(stage, ['HoldfastToolFailing'])
})
