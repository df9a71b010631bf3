import { z } from 'zod'
import { ERROR_CODES, type ErrorCode } from '../../contracts/error-codes.ts'
import { OVERLAPS, START_OUTCOMES } from '../../contracts/schedules/schedule.ts'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import { recordedCredential } from '../access/credential.schema.ts'
import { keyId } from '../access/key.schema.ts'
import { timeZone } from '../budgets/tenant.schema.ts'
import { hasFileInline } from '../files/content.schema.ts'
import { cursor, limit, pageOf } from '../http/paging/paging.schema.ts'
import { runId, scheduleId } from '../http/requests/ids.schema.ts'
import { idempotencyKey } from '../http/requests/request-headers.schema.ts'
import { startRunBody } from '../runs/run.schema.ts'
import { findCronMistake } from './cron.ts'

const { leastIntervalMs, mostIntervalMs, catchUpMs } = SCHEDULES

const cron = z
  .string()
  .max(SCHEDULES.cronCharacters)
  .superRefine((text, context) => {
    const message = findCronMistake(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .describe(
    'Minute, hour, day of the month, month, day of the week. A time has to fit all five: `0 9 1-7 * mon` is the first Monday of a month.',
  )

const timing = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('cron'),
      cron,
      time_zone: timeZone.optional().describe("IANA name. The tenant's, where it is left out."),
    }),
    z.strictObject({
      type: z.literal('interval'),
      every_ms: z.int().min(leastIntervalMs).max(mostIntervalMs),
      offset_ms: z
        .int()
        .min(0)
        .max(mostIntervalMs)
        .default(0)
        .describe('Shifts all times, which are otherwise multiples of `every_ms` since 1970 in UTC.')
        .meta({ default: 0 }),
    }),
  ])
  .superRefine((given, context) => {
    if (given.type === 'interval' && given.offset_ms >= given.every_ms)
      context.addIssue({ code: 'custom', path: ['offset_ms'], message: 'Must be less than every_ms.' })
  })
  .describe('When runs are started.')
export type TimingBody = z.output<typeof timing>

const overlap = z
  .enum(OVERLAPS)
  .describe(
    'When a run of the schedule has not ended, waiting for people included: `skip` leaves the start out; `buffer_one` lets one start wait for its end, and leaves further ones out; `cancel_other` cancels it, and starts once it has ended; `allow_all` starts beside it.',
  )

const catchUp = z
  .int()
  .min(catchUpMs.least)
  .max(catchUpMs.most)
  .describe('A start that could not be made for so long, as during an outage, is left out.')

const start = startRunBody
  .refine(
    ({ input }) => typeof input === 'string' || !input.some((message) => hasFileInline(message.content)),
    {
      path: ['input'],
      error: 'Must name its files by `file_id`: upload them first.',
    },
  )
  .describe('What is started: a body of `POST /v1/runs`, whose files are uploaded before.')

export const newScheduleBody = z
  .strictObject({
    timing,
    run: start,
    overlap: overlap.default('skip').meta({ default: 'skip' }),
    catch_up_ms: catchUp.default(catchUpMs.usual).meta({ default: catchUpMs.usual }),
  })
  .meta({
    id: 'NewSchedule',
    examples: [
      {
        timing: { type: 'cron', cron: '0 8 * * mon-fri', time_zone: 'Europe/Berlin' },
        run: { agent: 'support', input: 'Summarise what came in since the last working day.' },
      },
    ],
  })

export const scheduleHeaders = z.looseObject({ 'idempotency-key': idempotencyKey('principal that sends it') })

export const changeScheduleBody = z
  .strictObject({
    timing: timing.optional(),
    run: start.optional(),
    overlap: overlap.optional(),
    catch_up_ms: catchUp.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'Must change something.')
  .meta({ id: 'ScheduleChange', minProperties: 1, examples: [{ overlap: 'buffer_one' }] })

const timingShown = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cron'), cron: z.string(), time_zone: z.string() }),
  z.strictObject({ type: z.literal('interval'), every_ms: z.int(), offset_ms: z.int() }),
])

export const schedule = z
  .strictObject({
    id: scheduleId,
    object: z.literal('schedule'),
    principal: z.string().describe('Whose its runs are.'),
    status: z
      .enum(['active', 'paused', 'stopped'])
      .describe(
        '`stopped`: the API key that it starts runs with is revoked or has expired. Its principal resumes it with another.',
      ),
    timing: timingShown,
    run: z.record(z.string(), z.unknown()).describe('The body of `POST /v1/runs`, as it was given.'),
    overlap: z.enum(OVERLAPS),
    catch_up_ms: z.int(),
    next_starts: z
      .array(z.iso.datetime())
      .nullable()
      .optional()
      .describe('Of a single schedule: its next times. null where Temporal does not say.'),
    key_id: keyId
      .nullable()
      .describe('The API key with whose rights its runs are started; null where nobody was asked for a key.'),
    created_by: recordedCredential
      .nullable()
      .describe(
        'What has created it; null where nobody is asked for a credential, and of a schedule of a build that kept none.',
      ),
    created_at: z.iso.datetime(),
    updated_by: recordedCredential
      .nullable()
      .describe('What has changed, paused or resumed it last; null where nothing has.'),
    updated_at: z.iso.datetime().describe('When that was, or when it was stopped.'),
  })
  .meta({ id: 'Schedule' })
export type ScheduleResource = z.output<typeof schedule>

export const schedulePage = pageOf(schedule).meta({ id: 'SchedulePage' })

export const startsQuery = z.strictObject({ limit, after: cursor })

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

export const scheduledStart = z
  .strictObject({
    object: z.literal('scheduled_start'),
    at: z.iso.datetime().describe('The time that it is for.'),
    asked_by: z.string().nullable().describe('Who wanted it at once; null where its time had come.'),
    outcome: z
      .enum(START_OUTCOMES)
      .describe(
        '`due`: being decided. `waiting`: for a run to end. `skipped`: a run was under way, or the schedule was paused meanwhile. `missed`: it could not be made in time. `refused`: the run was not accepted; `code` says why.',
      ),
    code: z.enum(codes).nullable(),
    run_id: runId.nullable(),
  })
  .meta({ id: 'ScheduledStart' })
export type ScheduledStartResource = z.output<typeof scheduledStart>

export const startPage = pageOf(scheduledStart).meta({ id: 'ScheduledStartPage' })
