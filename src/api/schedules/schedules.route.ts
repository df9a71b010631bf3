import { covers } from '../../contracts/access/api-key.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Schedule, ScheduleId, Timing } from '../../contracts/schedules/schedule.ts'
import { HTTP } from '../../policies/api.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { newId } from '../../security/new-id.ts'
import { findTimeZone } from '../../store/budgets/tenants.ts'
import {
  changeSchedule,
  deleteSchedule,
  insertSchedule,
  listSchedules,
} from '../../store/schedules/schedules.ts'
import { actingFor } from '../access/acting.ts'
import type { Principal } from '../access/principal.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { scheduleParams } from '../http/requests/ids.schema.ts'
import { readIdempotencyKey } from '../http/requests/read-idempotency-key.ts'
import { requireTurns } from '../runs/accept-start.ts'
import { requirePlan } from '../runs/require-plan.ts'
import type { StartRunBody } from '../runs/run.schema.ts'
import { toRunWebhook } from '../webhooks/to-run-webhook.ts'
import { keyOf } from './key-of.ts'
import { requireSchedule } from './require-schedule.ts'
import {
  changeScheduleBody,
  newScheduleBody,
  schedule,
  scheduleHeaders,
  schedulePage,
  type TimingBody,
} from './schedule.schema.ts'
import { setAtOnce } from './set-schedule.ts'
import { toScheduleResource } from './to-schedule-resource.ts'

const tags = ['schedules']
/** Of what a schedule is to start, too. */
const OF_SCHEDULE = [...OF_BODY, 'unknown_agent', 'webhook_url_refused', 'not_found'] as const

const createSchema = {
  operationId: 'createSchedule',
  tags,
  summary: 'Have runs started at certain times',
  description:
    'Each run is the caller’s, and is started with the rights that the API key of this request has at that time. Its plan is resolved then, so that it is that of the agent as it is by then. With an `Idempotency-Key` the request can be sent again: there is one schedule.',
  headers: scheduleHeaders,
  body: newScheduleBody,
  response: {
    200: schedule.describe('A repeated request: the schedule of the first, as it is now.'),
    201: schedule,
    ...problems(...OF_SCHEDULE, 'invalid_idempotency_key', 'idempotency_key_reused', 'too_many_schedules'),
  },
}

const listSchema = {
  operationId: 'listSchedules',
  tags,
  summary: 'List schedules, newest first, all of them',
  description: "The caller's own; with the scope `runs:read:all` those of the whole tenant.",
  querystring: noQuery,
  response: { 200: schedulePage, ...problems() },
}

const getSchema = {
  operationId: 'getSchedule',
  tags,
  summary: 'Get a schedule, with its next times',
  params: scheduleParams,
  querystring: noQuery,
  response: { 200: schedule, ...problems('not_found') },
}

const changeSchema = {
  operationId: 'changeSchedule',
  tags,
  summary: 'Change a schedule',
  description:
    'Only its principal may, since its runs are in that name. Runs that are under way stay as they are.',
  params: scheduleParams,
  body: changeScheduleBody,
  response: { 200: schedule, ...problems(...OF_SCHEDULE) },
}

const deleteSchema = {
  operationId: 'deleteSchedule',
  tags,
  summary: 'Delete a schedule, with the list of its starts',
  description: 'Its runs stay, and those under way go on.',
  params: scheduleParams,
  response: { 200: schedule, ...problems('not_found') },
}

const read = { access: ['runs:read'] } as const
const write = { access: ['runs:write'] } as const
const bodyLimit = HTTP.bodyBytes.input

export function addSchedules(api: Api, context: ApiContext): void {
  const { app, database, schedules, webhookHosts } = context
  const path = '/v1/schedules/:id'

  api.post(
    '/v1/schedules',
    { schema: createSchema, config: { ...write, acts: true }, bodyLimit },
    async (request, reply) => {
      const { principal, body } = request
      const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key'])
      await requireStart(body.run, principal)
      const requestSha256 = canonicalSha256(body as unknown as JsonObject)
      const inserted = await insertSchedule(database, {
        id: newId('sch'),
        tenant: principal.tenant,
        principal: principal.id,
        keyId: keyOf(principal),
        createdBy: principal.credential,
        timing: await readTiming(body.timing, principal.tenant),
        start: body.run as unknown as JsonObject,
        overlap: body.overlap,
        catchUpMs: body.catch_up_ms,
        idempotencyKey,
        requestSha256,
      })
      if (inserted === 'full') throw new Problem('too_many_schedules')
      if (inserted.requestSha256 !== requestSha256) throw new Problem('idempotency_key_reused')
      const isSet = await setAtOnce(context, inserted.schedule.id, request.log)
      reply.header('location', `/v1/schedules/${inserted.schedule.id}`)
      if (!inserted.created) reply.header('idempotency-replayed', 'true')
      return reply.code(inserted.created ? 201 : 200).send(await withNextStarts(inserted.schedule, isSet))
    },
  )

  api.get('/v1/schedules', { schema: listSchema, config: read }, async ({ principal }) => {
    const onlyOf = covers(principal.scopes, 'runs:read:all') ? null : principal.id
    const rows = await listSchedules(database, principal.tenant, onlyOf)
    return onOnePage(rows.map((row) => toScheduleResource(row)))
  })

  api.get(path, { schema: getSchema, config: read }, async ({ principal, params }) =>
    withNextStarts(await requireSchedule(database, principal, params.id, 'read')),
  )

  api.patch(path, { schema: changeSchema, config: write, bodyLimit }, async (request) => {
    const { principal, params, body } = request
    const found = await requireSchedule(database, principal, params.id, 'read')
    if (found.principal !== principal.id) {
      throw new Problem('forbidden', { detail: 'Only its principal may change a schedule.' })
    }
    if (body.run !== undefined) await requireStart(body.run, principal)
    const changed = await changeSchedule(database, principal.tenant, params.id as ScheduleId, {
      ...(body.timing !== undefined && { timing: await readTiming(body.timing, principal.tenant) }),
      ...(body.run !== undefined && { start: body.run as unknown as JsonObject }),
      ...(body.overlap !== undefined && { overlap: body.overlap }),
      ...(body.catch_up_ms !== undefined && { catchUpMs: body.catch_up_ms }),
      by: principal.credential,
    })
    if (changed === null) throw new Problem('not_found')
    const isSet = await setAtOnce(context, changed.id, request.log)
    return withNextStarts(changed, isSet)
  })

  api.delete(path, { schema: deleteSchema, config: write }, async ({ principal, params, log }) => {
    const found = await requireSchedule(database, principal, params.id, 'write')
    await deleteSchedule(database, found.tenant, found.id)
    await setAtOnce(context, found.id, log)
    return toScheduleResource(found)
  })

  /** @param isSet false where Temporal has just not answered: it is not asked again while the caller waits */
  async function withNextStarts(found: Schedule, isSet = true) {
    if (!isSet) return toScheduleResource(found, null)
    const next = await schedules.nextStarts(found).catch((error: unknown) => {
      if (error instanceof Problem) return null
      throw error
    })
    return toScheduleResource(found, next)
  }

  async function readTiming(body: TimingBody, tenant: string): Promise<Timing> {
    if (body.type === 'interval')
      return { type: 'interval', everyMs: body.every_ms, offsetMs: body.offset_ms }
    return {
      type: 'cron',
      cron: body.cron,
      timeZone: body.time_zone ?? (await findTimeZone(database, tenant)),
    }
  }

  /** Refuses at once what each start would be refused for. */
  async function requireStart(run: StartRunBody, caller: Principal): Promise<void> {
    try {
      const owner = actingFor(caller, run)
      requirePlan(app, run, owner)
      if (run.thread_id !== undefined) await requireTurns(database, owner, run.thread_id, run)
      if (run.webhook !== undefined) toRunWebhook(run.webhook, webhookHosts)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const { code, message: detail, headers } = error
      const errors = error.errors?.map(({ pointer, detail }) => ({ pointer: `/run${pointer}`, detail }))
      throw new Problem(code, { detail, headers, ...(errors !== undefined && { errors }) })
    }
  }
}
