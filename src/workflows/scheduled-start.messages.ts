import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import type { ScheduleId } from '../contracts/schedules/schedule.ts'

/** Name of the workflow, as it stands in histories and in Schedules. */
export const SCHEDULED_START = 'scheduledStart'
export type ScheduledStartWorkflow = (input: { readonly scheduleId: ScheduleId }) => Promise<void>

/** The time that a Schedule has meant, on each workflow that it starts; set by Temporal. */
export const SCHEDULED_TIME = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
)
