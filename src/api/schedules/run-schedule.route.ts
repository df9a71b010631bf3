import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { newId } from '../../security/new-id.ts'
import { findRun } from '../../store/runs/runs.ts'
import { claimStarts } from '../../store/schedules/claim-starts.ts'
import { askForStart, findStart, listStarts } from '../../store/schedules/scheduled-starts.ts'
import { pauseSchedule, resumeSchedule } from '../../store/schedules/schedules.ts'
import type { Api, ApiContext } from '../context.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { firstOf, toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { scheduleParams } from '../http/requests/ids.schema.ts'
import { readIdempotencyKey } from '../http/requests/read-idempotency-key.ts'
import { emptyBody, run } from '../runs/run.schema.ts'
import { asAccepted, toRunResource } from '../runs/to-run-resource.ts'
import { keyOf } from './key-of.ts'
import { requireSchedule } from './require-schedule.ts'
import { schedule, scheduleHeaders, startPage, startsQuery } from './schedule.schema.ts'
import { setAtOnce } from './set-schedule.ts'
import { takeUpStart } from './take-up-start.ts'
import { toScheduleResource, toStartResource } from './to-schedule-resource.ts'

const tags = ['schedules']

const pauseSchema = {
  operationId: 'pauseSchedule',
  tags,
  summary: 'Have a schedule start nothing for now',
  description: 'Times that pass meanwhile are left out for good. Runs under way go on.',
  params: scheduleParams,
  body: emptyBody,
  response: { 200: schedule, ...problems(...OF_BODY, 'not_found') },
}

const resumeSchema = {
  operationId: 'resumeSchedule',
  tags,
  summary: 'Have a schedule start runs again',
  description:
    'Where its own principal does so, its runs are started with the rights of that request’s API key from then on. A stopped schedule can only be resumed so.',
  params: scheduleParams,
  body: emptyBody,
  response: { 200: schedule, ...problems(...OF_BODY, 'not_found', 'schedule_stopped') },
}

const runSchema = {
  operationId: 'runSchedule',
  tags,
  summary: 'Start a run of a schedule now',
  description:
    'In its principal’s name, whatever its times, also while it is paused, and beside a run that is under way. The run then counts as one of its own. With an `Idempotency-Key` the same request can be sent again: there is one run.',
  headers: scheduleHeaders,
  params: scheduleParams,
  body: emptyBody,
  response: {
    202: run,
    ...problems(...OF_BODY, 'not_found', 'invalid_idempotency_key', 'unknown_agent', 'schedule_stopped'),
  },
}

const startsSchema = {
  operationId: 'listScheduledStarts',
  tags,
  summary: 'What became of the times of a schedule, newest first',
  description: 'Starts stay here for 30 days.',
  params: scheduleParams,
  querystring: startsQuery,
  response: { 200: startPage, ...problems('not_found', 'invalid_cursor') },
}

export function addRunSchedule(api: Api, context: ApiContext): void {
  const { database, linkTo } = context
  const write = { access: ['runs:write'] } as const
  const path = '/v1/schedules/:id'

  api.post(`${path}/pause`, { schema: pauseSchema, config: write }, async ({ principal, params, log }) => {
    const { tenant, id } = await requireSchedule(database, principal, params.id, 'write')
    const paused = await pauseSchedule(database, tenant, id, principal.credential)
    if (paused === null) throw new Problem('not_found')
    await setAtOnce(context, id, log)
    return toScheduleResource(paused)
  })

  api.post(`${path}/resume`, { schema: resumeSchema, config: write }, async ({ principal, params, log }) => {
    const found = await requireSchedule(database, principal, params.id, 'write')
    if (found.stoppedAt !== null && found.principal !== principal.id) throw new Problem('schedule_stopped')
    const keyId = found.principal === principal.id ? keyOf(principal) : null
    const resumed = await resumeSchedule(database, found.tenant, found.id, {
      principal: principal.id,
      keyId,
      by: principal.credential,
    })
    if (resumed === null) throw new Problem('not_found')
    await setAtOnce(context, found.id, log)
    return toScheduleResource(resumed)
  })

  api.post(`${path}/run`, { schema: runSchema, config: write }, async (request, reply) => {
    const { principal, params } = request
    const { tenant, id: scheduleId } = await requireSchedule(database, principal, params.id, 'write')
    const key = readIdempotencyKey(request.headers['idempotency-key'])
    const id = `${scheduleId}_${key === null ? newId('now') : canonicalSha256([principal.id, key])}`
    await askForStart(database, { id, scheduleId, askedBy: principal.id })
    for (const start of await claimStarts(database, { id, limit: 1 }))
      await takeUpStart({ ...context, logger: request.log }, start)

    const start = await findStart(database, id)
    if (start?.outcome === 'refused' && start.code !== null) throw new Problem(start.code)
    const made = start?.runId == null ? null : await findRun(database, tenant, start.runId)
    // Another request with this key, or another API, is just about to start it.
    if (made === null) throw new Problem('unavailable')
    request.facts.runId = made.id
    reply.header('location', `/v1/runs/${made.id}`)
    return reply.code(202).send(toRunResource(asAccepted(made), linkTo))
  })

  api.get(
    `${path}/starts`,
    { schema: startsSchema, config: { access: ['runs:read'] } },
    async ({ principal, params, query }) => {
      const { id: scheduleId } = await requireSchedule(database, principal, params.id, 'read')
      const { limit, after } = query
      const before = after === undefined ? undefined : decodeCursor('sch', after)
      const rows = await listStarts(database, {
        scheduleId,
        ...(before !== undefined && { before: { at: before.createdAt, id: before.id } }),
        limit,
      })
      return toPage(firstOf(rows, limit), toStartResource, ({ at, id }) =>
        encodeCursor({ createdAt: at, id }),
      )
    },
  )
}
