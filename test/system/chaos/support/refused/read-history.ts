import type { Client } from '@temporalio/client'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type {
  RecordDecisionInput,
  RecordedDecision,
} from '../../../../../src/contracts/approvals/approval-record.ts'
import type { RunToolInput } from '../../../../../src/contracts/tools/tool-call.ts'

/** What Temporal's history has of a run's calls, in its order: a decision that let one go ahead, and one that was begun. */
export type HistoryFact =
  | { readonly type: 'agreed'; readonly approvalId: string; readonly editedSha256: string | null }
  | ({ readonly type: 'scheduled'; readonly tool: string } & Pick<
      RunToolInput,
      'step' | 'index' | 'again' | 'argumentsSha256'
    >)

/** Reads all executions of a run, the first one first. */
export async function readHistory(
  client: Client,
  workflowId: string,
  tools: readonly string[],
): Promise<HistoryFact[]> {
  const executions: HistoryFact[][] = []
  let execution: string | undefined
  do {
    const history = await client.workflow.getHandle(workflowId, execution).fetchHistory()
    const facts: HistoryFact[] = []
    const decisions = new Map<string, RecordDecisionInput>()
    execution = undefined
    for (const event of history.events ?? []) {
      execution ??= event.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined
      const {
        activityTaskScheduledEventAttributes: scheduled,
        activityTaskCompletedEventAttributes: completed,
      } = event
      const name = scheduled?.activityType?.name ?? ''
      if (name === 'recordDecision') decisions.set(String(event.eventId), read(scheduled?.input))
      if (tools.includes(name)) {
        const { step, index, again, argumentsSha256 } = read<RunToolInput>(scheduled?.input)
        facts.push({ type: 'scheduled', tool: name, step, index, again, argumentsSha256 })
      }
      const decision = decisions.get(String(completed?.scheduledEventId))
      if (decision && read<RecordedDecision>(completed?.result).refused === undefined) {
        const { approvalId, outcome, edited } = decision
        if (outcome.status !== 'approved' && outcome.status !== 'edited') continue
        facts.push({ type: 'agreed', approvalId, editedSha256: edited?.argumentsSha256 ?? null })
      }
    }
    executions.unshift(facts)
  } while (execution !== undefined)
  return executions.flat()
}

function read<T>(values: { payloads?: Payload[] | null } | null | undefined): T {
  const [payload] = values?.payloads ?? []
  if (payload === undefined) throw new Error('An activity without a value')
  return defaultPayloadConverter.fromPayload<T>(payload)
}
