import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type {
  Approval,
  ApprovalDecision,
  ApprovalTerms,
} from '../../../../src/contracts/approvals/approval.ts'
import type { EventType } from '../../../../src/contracts/events/event.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { APPROVAL_TERMS } from '../../../../src/policies/approvals.ts'
import { findApproval } from '../../../../src/store/approvals/approvals.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { listEvents } from '../../../../src/store/record/events.ts'
import type { RunRow } from '../../../../src/store/record/run-row.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import {
  type AgentRun,
  approvalDecision,
  decideApproval,
  runState,
} from '../../../../src/workflows/agent-run.messages.ts'
import { clerkPlan } from '../../../support/office.ts'
import { startPlan } from '../../../support/start-plan.ts'
import type { TemporalEnvironment } from '../../../support/temporal.ts'

export interface WaitingRun {
  readonly id: string
  approval(): Promise<Approval>
  /** How many of these events the run has had. */
  count(type: EventType): Promise<number>
  /** Approves; resolves to the approval's status, or to the code it was refused with. */
  approve(by: string, group: string): Promise<string>
  /** The same as a signal, which needs no worker. */
  signalApproval(by: string, group: string): Promise<void>
  /** Waits for the end. */
  result(): Promise<RunRow>
  /** From the start to the end, by the server's time. */
  lastedMs(): Promise<number>
  /** What of its deadline the run has used. */
  spentMs(): Promise<number>
  /** Tasks that a worker could not carry out, such as a replay that came out differently. */
  failedTasks(): Promise<number>
}

/** The clerk's plan with other terms for what its policy asks about. */
export function planWithTerms(terms: Partial<ApprovalTerms>): RunPlan {
  const standard = { ...APPROVAL_TERMS.standard, ...terms }
  return { ...clerkPlan(), approvalTerms: { standard } }
}

/** Starts a run and resolves when it waits for a person. */
export async function startWaiting(
  database: Database,
  temporal: TemporalEnvironment,
  plan: RunPlan,
): Promise<WaitingRun> {
  const { runId, workflowId } = await startPlan(database, temporal, plan, 'Pay ann, please.')
  const handle = temporal.client.workflow.getHandle<AgentRun>(workflowId)
  const events = () => listEvents(database, { tenant: 'default', runId, after: 0, limit: 1_000 })
  const approvalId = await asked()

  async function asked(): Promise<Approval['id']> {
    for (const end = Date.now() + 60_000; Date.now() < end; await delay(20)) {
      const event = (await events()).find(({ type }) => type === 'approval.requested')
      if (event) return event.data['approval_id'] as Approval['id']
    }
    throw new Error('Nobody was asked')
  }

  async function approval(): Promise<Approval> {
    const found = await findApproval(database, 'default', approvalId)
    assert.ok(found)
    return found
  }

  async function approvalBy(by: string, group: string): Promise<ApprovalDecision> {
    const { argumentsSha256 } = await approval()
    return { approvalId, decision: 'approve', argumentsSha256, by, groups: [group] }
  }

  return {
    id: runId,
    approval,
    async count(wanted) {
      return (await events()).filter(({ type }) => type === wanted).length
    },
    async approve(by, group) {
      try {
        return (await handle.executeUpdate(decideApproval, { args: [await approvalBy(by, group)] })).status
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError)) throw error
        assert.ok(error.cause instanceof ApplicationFailure)
        return String(error.cause.type)
      }
    },
    async signalApproval(by, group) {
      await handle.signal(approvalDecision, await approvalBy(by, group))
    },
    async result() {
      // The workflow of a failed run fails too: what counts is the record.
      await handle.result().catch(() => undefined)
      const row = await findRun(database, 'default', runId)
      assert.ok(row)
      return row
    },
    async lastedMs() {
      const { startTime, closeTime } = await handle.describe()
      assert.ok(closeTime)
      return closeTime.getTime() - startTime.getTime()
    },
    async spentMs() {
      return (await handle.query(runState)).clock.spentMs
    },
    async failedTasks() {
      const { events: history } = await handle.fetchHistory()
      return (history ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length
    },
  }
}
