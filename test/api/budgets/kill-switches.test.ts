import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client, Connection } from '@temporalio/client'
import pino from 'pino'
import {
  type KillSwitchResource,
  killSwitchPage,
  killSwitch as killSwitchSchema,
} from '../../../src/api/budgets/kill-switch.schema.ts'
import { createBroadcast } from '../../../src/api/temporal/broadcast.ts'
import { createRunWorkflows, type RunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import { resendKillSwitchesOffJob } from '../../../src/api/upkeep/resend-kill-switches-off.ts'
import { putKillSwitch, removeKillSwitch } from '../../../src/store/budgets/kill-switches.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const { client, signals } = recordingTemporal()
let store: TestDatabase
let api: TestApi
let headers: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, client, 'test', { auth: 'keys' })
  headers = (await makeKey(store.database, { principal: 'bob', scopes: ['budgets:write', 'usage:read'] }))
    .headers
})
after(async () => {
  await api.close()
  await store.close()
})

const put = <T = KillSwitchResource>(path: string, reason = 'It talks nonsense.', url = api.url) =>
  send<T>('PUT', `${url}/v1/kill-switches/${path}`, { reason }, headers)
const remove = (path: string) => send('DELETE', `${api.url}/v1/kill-switches/${path}`, undefined, headers)
const list = async () => killSwitchPage.parse((await get(`${api.url}/v1/kill-switches`, headers)).body).data

async function told(count: number): Promise<string[]> {
  for (const end = Date.now() + 10_000; signals.length < count; await new Promise(setImmediate)) {
    assert.ok(Date.now() < end, 'not all were told')
  }
  return signals
    .splice(0)
    .map(({ workflowId, name, args }) => `${workflowId} ${name} ${JSON.stringify(args)}`)
}

test('a switch is on the record with who and why until it is taken back, and every open run it is about is told', async () => {
  const [support, assistant, ended] = [
    await acceptTestRun(store.database, { agent: 'support' }),
    await acceptTestRun(store.database),
    await acceptTestRun(store.database, { agent: 'support' }),
  ]
  await acceptTestRun(store.database, { agent: 'support', tenant: 'other' })
  await closeRun(store.database, {
    run: { runId: ended.id, tenant: ended.tenant, principal: ended.principal },
    status: 'cancelled',
    steps: 0,
    approvals: [],
    failedHops: [],
  })

  const { status, body } = await put('agent/support')
  assert.equal(status, 200)
  const { at: _, ...said } = killSwitchSchema.parse(body)
  assert.deepEqual(said, {
    object: 'kill_switch',
    scope: 'agent',
    subject: 'support',
    by: 'bob',
    reason: 'It talks nonsense.',
  })
  assert.deepEqual(await told(1), [`${support.workflowId} kill-switch [{"on":true,"scope":"agent"}]`])

  await put('tenant/-', 'Everything does.')
  const both = await told(2)
  assert.deepEqual(
    both.toSorted(),
    [support, assistant]
      .map(({ workflowId }) => `${workflowId} kill-switch [{"on":true,"scope":"tenant"}]`)
      .toSorted(),
  )
  assert.deepEqual((await list()).map(({ subject }) => subject).toSorted(), ['default', 'support'])

  assert.equal((await remove('agent/support')).status, 200)
  assert.deepEqual(await told(1), [`${support.workflowId} kill-switch [{"on":false,"scope":"agent"}]`])
  assert.equal((await remove('agent/support')).status, 404)
  assert.equal((await remove('tenant/-')).status, 200)
  await told(2)
  assert.deepEqual(await list(), [])
})

test("a specialist's switch is told to the runs that may be handed to it, by its name", async () => {
  const support = await acceptTestRun(store.database, { agent: 'support', tenant: 'shop' })
  await acceptTestRun(store.database, { tenant: 'shop' })
  const key = await makeKey(store.database, { tenant: 'shop', principal: 'bob', scopes: ['budgets:write'] })
  const path = `${api.url}/v1/kill-switches/agent/billing`
  assert.equal((await send('PUT', path, { reason: 'It talks nonsense.' }, key.headers)).status, 200)
  const on = '{"on":true,"scope":"agent","agent":"billing"}'
  assert.deepEqual(await told(1), [`${support.workflowId} kill-switch [${on}]`])
  assert.equal((await send('DELETE', path, undefined, key.headers)).status, 200)
  const off = '{"on":false,"scope":"agent","agent":"billing"}'
  assert.deepEqual(await told(1), [`${support.workflowId} kill-switch [${off}]`])
})

test('a run that missed that its switch is off is told so by the sweeper, and no other', async () => {
  const { database } = store
  const run = await acceptTestRun(database, { agent: 'support', tenant: 'stuck' })
  const other = await acceptTestRun(database, { tenant: 'stuck' })
  const held = JSON.stringify({
    reached: { scope: 'agent', limit: 'kill_switch', allowed: 0, used: 0 },
    expiresAt: '',
  })
  await database.query({
    text: 'update runs set budget_wait = $1::json where tenant = $2',
    values: [held, 'stuck'],
  })
  const key = { tenant: 'stuck', scope: 'agent', subject: 'assistant' } as const
  await putKillSwitch(database, { ...key, by: 'ann', reason: '' })
  const broadcast = createBroadcast(pino({ level: 'silent' }))
  const release = resendKillSwitchesOffJob({
    app: office,
    database,
    workflows: createRunWorkflows(client, 'test'),
    broadcast,
  })
  await release()
  const off = (workflowId: string) =>
    ['tenant', 'agent'].map((scope) => `${workflowId} kill-switch [{"on":false,"scope":"${scope}"}]`)
  assert.deepEqual(await told(2), off(run.workflowId))

  // Until it has gone on: that it was sent does not say that it was taken in.
  await removeKillSwitch(database, key)
  await release()
  assert.deepEqual((await told(4)).toSorted(), [...off(run.workflowId), ...off(other.workflowId)].toSorted())
  await database.query({ text: 'update runs set budget_wait = null where tenant = $1', values: ['stuck'] })
  await release()
  await broadcast.close()
  assert.deepEqual(signals, [])
})

test('one that is thrown again while a run is told that it is off is told after that', async () => {
  const { database } = store
  const run = await acceptTestRun(database, { agent: 'support', tenant: 'again' })
  const reached = { scope: 'agent', limit: 'kill_switch', allowed: 0, used: 0 }
  await database.query({
    text: 'update runs set budget_wait = $1::json where id = $2',
    values: [JSON.stringify({ reached, expiresAt: '' }), run.id],
  })
  const workflows = createRunWorkflows(client, 'test')
  const key = { tenant: 'again', scope: 'agent', subject: 'support' } as const
  const broadcast = createBroadcast(pino({ level: 'silent' }))
  const thrownMeanwhile: RunWorkflows['killSwitch'] = async (workflowId, change) => {
    if (!change.on) await putKillSwitch(database, { ...key, by: 'ann', reason: '' })
    return workflows.killSwitch(workflowId, change)
  }
  const release = resendKillSwitchesOffJob({
    app: office,
    database,
    workflows: { ...workflows, killSwitch: thrownMeanwhile },
    broadcast,
  })
  await release()
  const [, , last] = await told(3)
  assert.equal(last, `${run.workflowId} kill-switch [{"on":true,"scope":"agent"}]`)
  await broadcast.close()
})

test('an agent that there is not, or another tenant, has no switch', async () => {
  const unknown = await put<{ code: string }>('agent/nobody')
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'unknown_agent'])
  assert.equal((await put('tenant/other')).status, 404)
  assert.equal((await put('principal/ann')).status, 404)
  assert.deepEqual(await list(), [])
})

test('while Temporal is away the switch is thrown all the same', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const alone = await startApi(store.database, new Client({ connection }), 'test', { auth: 'keys' })
  const { status } = await put('tenant/-', 'Everything does.', alone.url)
  assert.equal(status, 200)
  assert.equal((await list()).length, 1)
  await alone.close()
  await connection.close()
})
