import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { ScheduledStartResource, ScheduleResource } from '../../../src/api/schedules/schedule.schema.ts'
import { temporalScheduleId } from '../../../src/api/temporal/run-schedules.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { ScheduleId } from '../../../src/contracts/schedules/schedule.ts'
import type { Script } from '../../../src/testing/script.ts'
import { post, send } from '../../api/support/post.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { PAY } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { until } from '../../support/until.ts'
import { type Caller, createCaller, type ProblemBody } from '../runs/support/caller.ts'

/* Times are played by Temporal's own backfill: it starts at once what would have been started in a stretch of the past. */

const HOUR = 3_600_000
const HOURLY = { type: 'interval', every_ms: HOUR } as const
const ANSWER = { agent: 'clerk', input: 'answer' } as const
/** A run that waits for a person, and so is under way for as long as the test wants. */
const HOLD = { agent: 'clerk', input: 'hold' } as const

const script: Script = ({ messages }) =>
  firstWords(messages) === 'hold' ? { toolCalls: [PAY] } : { text: 'Done.' }

let environment: Environment
let url: string
let ann: Caller & { readonly headers: Record<string, string>; readonly keyId: string }

before(async () => {
  environment = await startEnvironment({ secret: 'a secret of thirty-two characters', script })
  url = environment.service.url
  ann = await newCaller('ann', ['runs:*', 'approvals:read'])
})
after(async () => environment.close())

async function newCaller(principal: string, scopes: readonly Grant[]) {
  const { id, headers } = await makeKey(environment.database, { principal, scopes })
  return { ...createCaller(url, headers), headers, keyId: id }
}

const create = (body: object, headers: Record<string, string> = {}) =>
  post<ScheduleResource & ProblemBody & { errors?: readonly { pointer: string; detail: string }[] }>(
    `${url}/v1/schedules`,
    body,
    { ...ann.headers, ...headers },
  )

async function put(body: object = {}): Promise<ScheduleResource> {
  const { status, body: made, text } = await create({ timing: HOURLY, run: ANSWER, ...body })
  assert.equal(status, 201, text)
  return made
}

const act = <T = ScheduleResource & ProblemBody>(
  id: string,
  action: 'pause' | 'resume' | 'run',
  headers: Record<string, string> = ann.headers,
) => post<T>(`${url}/v1/schedules/${id}/${action}`, {}, headers)
const startsOf = async (id: string) =>
  (await ann.get<{ data: ScheduledStartResource[] }>(`/schedules/${id}/starts`)).body.data.reverse()
const inTemporal = (id: ScheduleId) =>
  environment.temporal.client.schedule.getHandle(temporalScheduleId({ tenant: 'default', id }))

/** Lets the hours pass that ended up to so many hours ago, and waits until something is decided about each. */
async function pass({ id }: ScheduleResource, hours: number, { decided = hours, before = 0 } = {}) {
  const hour = Math.floor(Date.now() / HOUR) - before
  const had = (await startsOf(id)).length
  await inTemporal(id as ScheduleId).backfill({
    start: new Date((hour - hours) * HOUR + 1),
    end: new Date(hour * HOUR + 1),
    overlap: ScheduleOverlapPolicy.ALLOW_ALL,
  })
  await until(`${decided} starts`, async () => {
    const starts = await startsOf(id)
    return starts.length === had + decided && starts.every(({ outcome }) => outcome !== 'due')
  })
}

const LATE = { catch_up_ms: 7 * 24 * HOUR }
const outcomesOf = async ({ id }: ScheduleResource) => (await startsOf(id)).map(({ outcome }) => outcome)

test('a schedule is in Temporal when it is answered, and its times start runs of its principal', async () => {
  const made = await put({
    ...LATE,
    overlap: 'allow_all',
    run: { ...ANSWER, metadata: { ticket: '1' }, budget: { max_model_calls: 3 } },
  })
  assert.equal(made.next_starts?.[0], new Date((Math.floor(Date.now() / HOUR) + 1) * HOUR).toISOString())
  await pass(made, 2)
  const starts = await startsOf(made.id)
  assert.deepEqual(
    starts.map(({ outcome }) => outcome),
    ['started', 'started'],
  )
  assert.equal(new Set(starts.map(({ run_id }) => run_id)).size, 2)
  for (const { run_id, at } of starts) {
    assert.equal(Date.parse(at) % HOUR, 0)
    const run = await ann.untilEnd(String(run_id))
    assert.deepEqual([run.status, run.principal, run.metadata], ['completed', 'ann', { ticket: '1' }])
    assert.equal(run.budget?.limits.max_model_calls, 3)
  }
})

test('a time that Temporal tells of twice starts one run', async () => {
  const made = await put({ ...LATE, overlap: 'allow_all' })
  const schedule = inTemporal(made.id as ScheduleId)
  const told = async (times: number) => {
    await until(`told ${times} times`, async () => (await schedule.describe()).info.numActionsTaken === times)
    for (const { action } of (await schedule.describe()).info.recentActions) {
      const { workflowId, firstExecutionRunId } = action.workflow
      await environment.temporal.client.workflow.getHandle(workflowId, firstExecutionRunId).result()
    }
  }
  await pass(made, 1)
  // Temporal tells nothing while what it told the first time is under way: both have one workflow id.
  await told(1)
  await pass(made, 1, { decided: 0 })
  await told(2)
  const [{ at } = { at: '' }] = await startsOf(made.id)
  assert.deepEqual(
    (await startsOf(made.id)).map((start) => [start.at, start.outcome]),
    [[at, 'started']],
  )
})

test('while its tenant is suspended a schedule’s starts are refused, and the schedule goes on afterwards', async () => {
  const { headers } = await newCaller('olga', ['tenants:*'])
  const tell = (action: string) => post(`${url}/v1/tenants/default/${action}`, {}, headers)
  const made = await put({ ...LATE, overlap: 'allow_all' })
  assert.equal((await tell('suspend')).status, 200)
  await pass(made, 1)
  const [refused] = await startsOf(made.id)
  assert.deepEqual([refused?.outcome, refused?.code], ['refused', 'tenant_suspended'])
  assert.equal((await tell('resume')).status, 200)
  await pass(made, 1, { before: 1 })
  assert.deepEqual((await outcomesOf(made)).toSorted(), ['refused', 'started'])
})

test('skip leaves out what comes while a run is under way', async () => {
  const made = await put({ ...LATE, run: HOLD, overlap: 'skip' })
  await pass(made, 3)
  assert.deepEqual(await outcomesOf(made), ['started', 'skipped', 'skipped'])
})

test('buffer_one lets one start wait for the end of the run, and leaves further ones out', async () => {
  const made = await put({ ...LATE, run: HOLD, overlap: 'buffer_one' })
  await pass(made, 3)
  assert.deepEqual(await outcomesOf(made), ['started', 'waiting', 'skipped'])
  const [first] = await startsOf(made.id)
  await ann.untilWaiting(String(first?.run_id))
  await ann.cancel(String(first?.run_id))
  await until('the second start', async () => (await outcomesOf(made))[1] === 'started')
})

test('cancel_other cancels the run under way, and starts once it has ended', async () => {
  const made = await put({ ...LATE, run: HOLD, overlap: 'cancel_other' })
  await pass(made, 1, { before: 2 })
  const [first] = await startsOf(made.id)
  await ann.untilWaiting(String(first?.run_id))
  await pass(made, 1)
  await until('the second start', async () => (await outcomesOf(made))[1] === 'started')
  assert.equal((await ann.untilEnd(String(first?.run_id))).status, 'cancelled')
})

test('a start that comes later than the catch-up allows is left out', async () => {
  const made = await put({ catch_up_ms: HOUR })
  await pass(made, 1, { before: 3 })
  assert.deepEqual(await outcomesOf(made), ['missed'])
})

test('a revoked key starts nothing, and stops the schedule until its principal gives it another', async () => {
  const bob = await newCaller('bob', ['runs:*'])
  const { body: made } = await create({ ...LATE, timing: HOURLY, run: ANSWER }, bob.headers)
  await send('DELETE', `${url}/v1/keys/${bob.keyId}`, undefined, (await newCaller('root', ['admin'])).headers)
  const root = await newCaller('root', ['admin'])
  await inTemporal(made.id as ScheduleId).trigger()
  const statusNow = async () => (await root.get<ScheduleResource>(`/schedules/${made.id}`)).body.status
  await until('stopped', async () => (await statusNow()) === 'stopped')
  const starts = await root.get<{ data: ScheduledStartResource[] }>(`/schedules/${made.id}/starts`)
  assert.deepEqual(
    starts.body.data.map(({ outcome, code, run_id }) => [outcome, code, run_id]),
    [['refused', 'schedule_stopped', null]],
  )
  await until(
    'paused in Temporal',
    async () => (await inTemporal(made.id as ScheduleId).describe()).state.paused,
  )
  assert.equal((await act(made.id, 'resume', root.headers)).body.code, 'schedule_stopped')
  assert.equal((await act(made.id, 'run', root.headers)).body.code, 'schedule_stopped')

  const again = await newCaller('bob', ['runs:*'])
  assert.equal((await act(made.id, 'resume', again.headers)).body.status, 'active')
  const run = await act<RunResource>(made.id, 'run', root.headers)
  assert.deepEqual([run.status, run.body.principal], [202, 'bob'])
})

test('a paused schedule has no next time and starts nothing but what is asked for', async () => {
  const made = await put(LATE)
  assert.equal((await act(made.id, 'pause')).body.status, 'paused')
  assert.deepEqual((await ann.get<ScheduleResource>(`/schedules/${made.id}`)).body.next_starts, [])
  const run = await act<RunResource>(made.id, 'run')
  assert.equal(run.status, 202)
  assert.equal((await ann.untilEnd(run.body.id)).status, 'completed')
  assert.equal((await act(made.id, 'resume')).body.status, 'active')
  await pass(made, 1)
  assert.deepEqual((await outcomesOf(made)).sort(), ['started', 'started'])
})

test('run now with a key is one run, and counts as a run of the schedule', async () => {
  const made = await put({ ...LATE, run: HOLD })
  const headers = { ...ann.headers, 'idempotency-key': 'once' }
  const runs = [
    await act<RunResource>(made.id, 'run', headers),
    await act<RunResource>(made.id, 'run', headers),
  ]
  assert.deepEqual(
    runs.map(({ status, body }) => [status, body.id]),
    Array(2).fill([202, runs[0]?.body.id]),
  )
  await pass(made, 1)
  assert.deepEqual((await outcomesOf(made)).sort(), ['skipped', 'started'])
})

test('a change reaches Temporal, and what is deleted is gone there too', async () => {
  const made = await put()
  const { body: changed } = await send<ScheduleResource>(
    'PATCH',
    `${url}/v1/schedules/${made.id}`,
    { timing: { type: 'cron', cron: '30 9 * * mon', time_zone: 'Asia/Kolkata' } },
    ann.headers,
  )
  assert.deepEqual(changed.timing, { type: 'cron', cron: '30 9 * * mon', time_zone: 'Asia/Kolkata' })
  // 09:30 in India is 04:00 in UTC.
  assert.match(changed.next_starts?.[0] ?? '', /T04:00:00/)
  assert.equal(new Date(changed.next_starts?.[0] ?? 0).getUTCDay(), 1)
  assert.equal((await ann.remove(`/schedules/${made.id}`)).status, 200)
  assert.equal((await ann.get(`/schedules/${made.id}`)).status, 404)
  await assert.rejects(inTemporal(made.id as ScheduleId).describe(), ScheduleNotFoundError)
})

test('a change by somebody who was late does not undo a later one in Temporal', async () => {
  const made = await put()
  await act(made.id, 'pause')
  await inTemporal(made.id as ScheduleId).update((current) => ({
    ...current,
    state: { ...current.state, paused: true, note: 'revision 9' },
  }))
  await act(made.id, 'resume')
  assert.equal((await inTemporal(made.id as ScheduleId).describe()).state.paused, true)
})

test('mistakes are named with their place', async () => {
  const refused: readonly (readonly [object, number, string, string])[] = [
    [{ timing: { type: 'cron', cron: '0 25 * * *' } }, 400, 'invalid_request', '/timing/cron'],
    [
      { timing: { type: 'cron', cron: '0 9 * * *', time_zone: 'Mars/Olympus' } },
      400,
      'invalid_request',
      '/timing/time_zone',
    ],
    [{ timing: { type: 'interval', every_ms: 1_000 } }, 400, 'invalid_request', '/timing/every_ms'],
    [
      { timing: { type: 'interval', every_ms: HOUR, offset_ms: HOUR } },
      400,
      'invalid_request',
      '/timing/offset_ms',
    ],
    [{ timing: { type: 'sometimes' } }, 400, 'invalid_request', '/timing/type'],
    [{ catch_up_ms: 1 }, 400, 'invalid_request', '/catch_up_ms'],
    [{ run: { agent: 'nobody', input: 'x' } }, 422, 'unknown_agent', '/run/agent'],
    [
      { run: { ...ANSWER, budget: { max_cost_micro_usd: 999_999_999_999 } } },
      403,
      'forbidden',
      '/run/budget/max_cost_micro_usd',
    ],
  ]
  for (const [change, status, code, pointer] of refused) {
    const answer = await create({ timing: HOURLY, run: ANSWER, ...change })
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.errors?.map((error) => error.pointer)],
      [status, code, [pointer]],
      JSON.stringify(change),
    )
  }
})

test('a thread that its runs may not use is refused at once', async () => {
  const eve = await newCaller('eve', ['runs:*'])
  const thread = (await post<{ id: string }>(`${url}/v1/threads`, {}, eve.headers)).body.id
  const run = { ...ANSWER, thread_id: thread }
  for (const thread_id of [thread, `thr_${'0'.repeat(26)}`]) {
    const { status, body } = await create({ timing: HOURLY, run: { ...ANSWER, thread_id } })
    assert.deepEqual([status, body.code], [404, 'not_found'])
  }
  assert.equal((await create({ timing: HOURLY, run }, eve.headers)).status, 201)
  const { id } = await put()
  assert.equal((await send('PATCH', `${url}/v1/schedules/${id}`, { run }, ann.headers)).status, 404)
})

test('whatever is taken as a cron expression Temporal takes too', async () => {
  for (const cron of [
    '*/15 0-6,22-23 1,15 jan,JUL-dec mon-fri',
    '5/10 */2 31 1 7',
    '0 0 29 2 *',
    ' 0  0 1-7 * SUN ',
  ]) {
    const made = await put({ timing: { type: 'cron', cron, time_zone: 'Europe/Berlin' } })
    assert.notEqual(made.next_starts?.length, 0, cron)
  }
})

test('a repeated creation is the first one’s schedule, and others may not see or change it', async () => {
  const body = { timing: HOURLY, run: ANSWER }
  const key = { 'idempotency-key': 'nightly' }
  const [first, again, other] = [
    await create(body, key),
    await create(body, key),
    await create({ ...body, overlap: 'allow_all' }, key),
  ]
  assert.deepEqual([first.status, again.status, other.status], [201, 200, 422])
  assert.equal(again.body.id, first.body.id)

  const eve = await newCaller('eve', ['runs:*'])
  assert.equal((await eve.get(`/schedules/${first.body.id}`)).status, 404)
  assert.equal((await act(first.body.id, 'run', eve.headers)).status, 404)
  const boss = await newCaller('boss', ['runs:*:all'])
  assert.equal((await act(first.body.id, 'pause', boss.headers)).status, 200)
  const change = await send<ProblemBody>(
    'PATCH',
    `${url}/v1/schedules/${first.body.id}`,
    { run: { ...ANSWER, input: 'as ann' } },
    boss.headers,
  )
  assert.deepEqual([change.status, change.body.code], [403, 'forbidden'])
})

test('a schedule acts for the person that its run names, and cancels that person’s run', async () => {
  const desk = await newCaller('desk', ['runs:*', 'principals:act', 'tools:mail', 'tools:pay'])
  const scopes = ['tools:mail']
  const { body: made } = await create(
    { ...LATE, timing: HOURLY, overlap: 'cancel_other', run: { ...HOLD, principal: 'visitor', scopes } },
    desk.headers,
  )
  const headers = { ...desk.headers, 'idempotency-key': 'once' }
  const [first, again] = [
    await act<RunResource>(made.id, 'run', headers),
    await act<RunResource>(made.id, 'run', headers),
  ]
  assert.deepEqual([first.status, first.body.principal, again.body.id], [202, 'visitor', first.body.id])
  const [row] = await environment.database.query<{ plan: RunPlan }>({
    text: 'select plan from runs where id = $1',
    values: [first.body.id],
  })
  assert.deepEqual(row?.plan.caller, { groups: [], scopes })
  const root = await newCaller('root', ['admin'])
  await root.untilWaiting(first.body.id)
  await inTemporal(made.id as ScheduleId).trigger()
  assert.equal((await root.untilEnd(first.body.id)).status, 'cancelled')
  const refused = await create({ timing: HOURLY, run: { ...ANSWER, principal: 'visitor' } })
  assert.deepEqual(
    [refused.status, refused.body.errors?.map(({ pointer }) => pointer)],
    [403, ['/run/principal']],
  )
})

test('the secret of a run’s webhook is not shown with the schedule', async () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const webhook = { url: 'https://hooks.shop.example/runs' }
  const made = await put({ run: { ...ANSWER, webhook: { ...webhook, secret } } })
  const { body, text } = await ann.get<ScheduleResource>(`/schedules/${made.id}`)
  assert.deepEqual(body.run['webhook'], webhook)
  assert.ok(!text.includes(secret))
})
