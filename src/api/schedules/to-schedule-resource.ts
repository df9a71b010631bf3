import type { JsonObject } from '../../contracts/json.ts'
import type { Schedule, ScheduledStart, Timing } from '../../contracts/schedules/schedule.ts'
import type { ScheduledStartResource, ScheduleResource } from './schedule.schema.ts'

/** @param nextStarts left out in lists; null where Temporal does not say */
export function toScheduleResource(
  schedule: Schedule,
  nextStarts?: readonly string[] | null,
): ScheduleResource {
  return {
    id: schedule.id,
    object: 'schedule',
    principal: schedule.principal,
    status: statusOf(schedule),
    timing: toTiming(schedule.timing),
    run: withoutSecret(schedule.start),
    overlap: schedule.overlap,
    catch_up_ms: schedule.catchUpMs,
    ...(nextStarts !== undefined && { next_starts: nextStarts && [...nextStarts] }),
    key_id: schedule.keyId,
    created_by: schedule.createdBy,
    created_at: schedule.createdAt,
    updated_by: schedule.updatedBy,
    updated_at: schedule.updatedAt,
  }
}

function statusOf({ pausedAt, stoppedAt }: Schedule): ScheduleResource['status'] {
  if (stoppedAt !== null) return 'stopped'
  return pausedAt === null ? 'active' : 'paused'
}

function toTiming(timing: Timing): ScheduleResource['timing'] {
  if (timing.type === 'cron') return { type: 'cron', cron: timing.cron, time_zone: timing.timeZone }
  return { type: 'interval', every_ms: timing.everyMs, offset_ms: timing.offsetMs }
}

export function toStartResource(start: ScheduledStart): ScheduledStartResource {
  const { at, askedBy, outcome, code, runId } = start
  return { object: 'scheduled_start', at, asked_by: askedBy, outcome, code, run_id: runId }
}

/** A webhook's secret is never shown again. */
function withoutSecret({ webhook, ...run }: JsonObject): JsonObject {
  if (typeof webhook !== 'object' || webhook === null || Array.isArray(webhook)) return run
  const { secret: _, ...shown } = webhook as JsonObject
  return { ...run, webhook: shown }
}
