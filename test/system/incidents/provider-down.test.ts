import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { jsonLines } from './support/on-call.ts'
import { assertQuiet, openStage } from './support/stage.ts'
import { steadily } from './support/traffic.ts'

const directory = temporaryDirectory()

test('a provider that is down is named by the alert, its runbook finds how and since when, and the runs go on with the fallback', async () => {
  await using stage = await openStage({ directory, script: () => ({ text: 'It is in Leipzig.' }) })
  const { provider, prometheus, onCall, operator } = stage
  const traffic = steadily(1.5, () => stage.start('ann', { agent: 'support', input: 'Where is P-1001?' }))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => traffic.stop())
  await prometheus.until('sum(holdfast_model_calls_total{fallback="false"}) > 5')
  await assertQuiet(stage, [])

  provider.goAway({ how: { status: 503 }, only: ({ model }) => model === 'gpt-5.5' })

  const alert = await onCall.paged('HoldfastBreakerOpen')
  assert.deepEqual([alert.labels['provider'], alert.labels['model']], ['openai', 'gpt-5.5'])
  const runbook = onCall.runbook(alert)
  const failing = await runbook.panel('Holdfast: agents and models', 'Why calls failed')
  assert.deepEqual(
    failing.filter(({ value }) => value > 0).map(({ labels }) => labels),
    [{ provider: 'openai', code: 'model_overloaded' }],
  )
  const [open, ...others] = jsonLines(await runbook.run('/v1/providers"'))
  assert.deepEqual(others, [])
  assert.equal(open?.['model'], 'gpt-5.5')
  assert.match(JSON.stringify(open?.['reason']), /"code":"model_overloaded"/)
  const [opened] = jsonLines(await runbook.run('startswith("circuit")'))
  assert.match(String(opened?.['msg']), /^circuit opened/)
  assert.deepEqual([opened?.['model'], opened?.['code']], ['gpt-5.5', 'model_overloaded'])
  const [failed] = jsonLines(await runbook.run('.err.message', { PROVIDER: 'openai' }))
  assert.deepEqual(
    [failed?.['status'], failed?.['err']],
    [503, 'The provider is overloaded or failing. server_error'],
  )

  const fallback = await onCall.paged('HoldfastFallbackHigh')
  assert.equal(fallback.labels['agent'], 'support')
  const { body: run } = await stage.start('ann', { agent: 'support', input: 'Where is P-1002?' })
  assert.equal((await operator.untilEnd(run.id)).served_by, 'claude-haiku-4-5')
  const fallbackBook = onCall.runbook(fallback)
  const runs = await fallbackBook.run('/v1/runs?agent=', { NAME: 'support' })
  const [, served = ''] = /^(run_\w+) claude-haiku-4-5$/m.exec(runs) ?? []
  assert.ok(served, runs)
  const [passed] = jsonLines(await fallbackBook.run('/events"', { ID: served }))
  assert.deepEqual([passed?.['model'], passed?.['code']], ['gpt-5.5', 'model_circuit_open'])

  provider.comeBack()
  for (const state of ['closed', 'auto']) {
    const own = { PROVIDER: 'openai', MODEL: 'gpt-5.5', ...(state === 'auto' && { closed: 'auto' }) }
    await runbook.run('-X PUT', own)
  }
  await onCall.calm('HoldfastBreakerOpen')
  await assertQuiet(stage, ['HoldfastBreakerOpen', 'HoldfastFallbackHigh'])
})
