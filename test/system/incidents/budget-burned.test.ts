import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { until } from '../../support/until.ts'
import { jsonLines } from './support/on-call.ts'
import { assertQuiet, openStage } from './support/stage.ts'
import { steadily } from './support/traffic.ts'

const directory = temporaryDirectory()
const USD = 1_000_000

test('a principal that burns its budget is named, with what it has spent and on what, and can be stopped', async () => {
  await using stage = await openStage({
    directory,
    // A report is as long as its call may be.
    script: ({ body }) => ({
      text: 'The report.',
      usage: { outputTokens: (body as { readonly max_output_tokens: number }).max_output_tokens },
    }),
  })
  const { prometheus, onCall, operator } = stage
  const { status } = await operator.put('/budgets/principal/nightly-import/day', {
    max_cost_micro_usd: 25 * USD,
    on_reached: 'refuse',
  })
  assert.equal(status, 200)
  const { body: ordinary } = await stage.start('ann', { agent: 'analyst', input: 'A report.' })
  assert.equal((await operator.untilEnd(ordinary.id)).status, 'completed')
  await prometheus.until('sum(holdfast_cost_micro_usd_total) > 0')
  await assertQuiet(stage, [])

  const script = steadily(3, (n) =>
    stage.start('nightly-import', { agent: 'analyst', input: `Report ${n}.` }),
  )
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => script.stop())

  // Both at once: an hour of the rules is two minutes here, and the money is spent within seconds.
  const [alert, cost] = await Promise.all([
    onCall.paged('HoldfastBudgetRefuses'),
    onCall.paged('HoldfastCostHigh'),
  ])
  const { agent, scope, limit } = alert.labels
  assert.deepEqual({ agent, scope, limit }, { agent: 'analyst', scope: 'principal', limit: 'cost' })
  const runbook = onCall.runbook(alert)
  assert.match(await runbook.run('/v1/budgets"'), /^principal nightly-import day: 2[0-4]\.\d+ of 25 USD$/m)
  assert.match(
    await runbook.run('group_by=principal'),
    /^nightly-import: 2[0-4]\.\d+ USD in \d+ runs\n^ann: /m,
  )
  const [refused] = jsonLines(await runbook.run('budget reached'))
  assert.equal(refused?.['scope'], 'principal')
  const story = await runbook.run('holdfast runs trace', { ID: String(refused?.['runId']) })
  assert.match(story, /for nightly-import/)
  assert.match(story, /budget +does not cover what is next: cost of principal/)

  const byAgent = await onCall.runbook(cost).panel('Holdfast: money', 'An hour, by agent')
  assert.deepEqual(
    byAgent.map(({ labels }) => labels['agent']),
    ['analyst'],
  )
  assert.match(
    await onCall.runbook(cost).run('holdfast report'),
    /^By principal .*\n +nightly-import +\$2\d\./m,
  )

  const [, key = ''] = /^(\S+).*nightly-import/m.exec(await runbook.run('keys list')) ?? []
  await runbook.run('keys revoke', { KEY_ID: key })
  const oneMore = { agent: 'analyst', input: 'One more.' }
  // The API keeps what it knows of a key for up to 5 seconds.
  await until(
    'the key is refused',
    async () => (await stage.start('nightly-import', oneMore)).status === 401,
    30_000,
  )
  assert.equal((await stage.start('ann', { agent: 'analyst', input: 'Another report.' })).status, 202)
  await assertQuiet(stage, [
    'HoldfastBudgetRefuses',
    'HoldfastCostHigh',
    // Runs that are refused do not complete.
    'HoldfastRunsFailing',
  ])
})
