import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type {
  Approval,
  ApprovalDecision,
  ApprovalTerms,
} from '../../../../src/contracts/approvals/approval.ts'
import type { RunEvent } from '../../../../src/contracts/events/event.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import type { Condition } from '../../../../src/contracts/tools/tool.ts'
import { APPROVAL_TERMS } from '../../../../src/policies/approvals.ts'
import { canonicalSha256 } from '../../../../src/security/canonical-sha256.ts'
import { signDecision } from '../../../../src/security/decision-signature.ts'
import { findApproval } from '../../../../src/store/approvals/approvals.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { listEvents } from '../../../../src/store/record/events.ts'
import type { RunRow } from '../../../../src/store/record/run-row.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import {
  type AgentRun,
  approvalDecision,
  decideApproval,
} from '../../../../src/workflows/agent-run.messages.ts'
import { PAY, payAndRepeat } from '../../../support/office/scripts.ts'
import { officePlan, officeTool } from '../../../support/office.ts'
import { startPlan } from '../../../support/start-plan.ts'
import { startWorker, type TestWorker } from '../../../support/start-worker.ts'
import type { TemporalEnvironment } from '../../../support/temporal.ts'

/** What decisions and changes of budgets are signed with. */
export const SECRET = 'a secret that only this test run knows'

type Words = Pick<ApprovalDecision, 'decision'> & Partial<ApprovalDecision>

export interface PayRun {
  readonly id: RunIdentity['runId']
  readonly workflow: WorkflowHandle<AgentRun>
  /** Sends a signed decision; resolves to the approval's status, or to the code it was refused with. */
  decide(by: string, groups: readonly string[], words: Words): Promise<string>
  /** The decision that these would send. */
  signed(by: string, groups: readonly string[], words: Words): ApprovalDecision
  /** The same as a signal. */
  signal(by: string, groups: readonly string[], words: Words): Promise<void>
  approval(): Promise<Approval>
  events(): Promise<RunEvent[]>
  /** Waits until an event of this type is there. */
  until(type: RunEvent['type']): Promise<RunEvent>
  /** Waits for the end. */
  result(): Promise<RunRow | null>
}

/** A worker whose model wants somebody paid once, and which believes signed decisions alone. */
export function startPayWorker(temporal: TemporalEnvironment, database: Database): Promise<TestWorker> {
  return startWorker(temporal, database, { script: payAndRepeat, secret: SECRET })
}

/** Pays on these terms, once somebody has been asked. */
export function payPlan(terms: Partial<ApprovalTerms>, when: Condition = 'always'): RunPlan {
  const standard = { ...APPROVAL_TERMS.standard, ...terms }
  const approval = { rules: [{ name: 'pay-asks', when, verdict: 'ask' }], otherwise: 'allow' } as const
  return {
    ...officePlan('assistant'),
    tools: [{ ...officeTool('pay'), approval }],
    approvalTerms: { standard },
  }
}

/** Starts a run of `ann`, who is of finance. */
export async function startPayRun(
  database: Database,
  temporal: TemporalEnvironment,
  plan: RunPlan,
): Promise<PayRun> {
  const started = await startPlan(database, temporal, plan, 'Pay, please.', {
    principal: 'ann',
    groups: ['finance'],
  })
  const { runId, workflowId } = started
  const handle = temporal.client.workflow.getHandle<AgentRun>(workflowId)
  const approvalId: Approval['id'] = `apr_${runId.slice('run_'.length)}_1_0_0`

  function signed(by: string, groups: readonly string[], words: Words): ApprovalDecision {
    const decision = { approvalId, argumentsSha256: canonicalSha256(PAY.arguments), by, groups, ...words }
    return { signature: signDecision(SECRET, runId, decision), ...decision }
  }

  async function events(): Promise<RunEvent[]> {
    return listEvents(database, { tenant: 'default', runId, after: 0, limit: 1_000 })
  }

  return {
    id: runId,
    workflow: handle,
    signed,
    events,
    signal: (...said) => handle.signal(approvalDecision, signed(...said)),
    async decide(...said) {
      try {
        return (await handle.executeUpdate(decideApproval, { args: [signed(...said)] })).status
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError)) throw error
        assert.ok(error.cause instanceof ApplicationFailure)
        return String(error.cause.type)
      }
    },
    async approval() {
      const found = await findApproval(database, 'default', approvalId)
      assert.ok(found)
      return found
    },
    async until(type) {
      for (const end = Date.now() + 30_000; Date.now() < end; await delay(20)) {
        const event = (await events()).find((one) => one.type === type)
        if (event) return event
      }
      throw new Error(`no ${type} came`)
    },
    async result() {
      // The workflow of a failed run fails too: what counts is the record.
      await handle.result().catch(() => undefined)
      return findRun(database, 'default', runId)
    },
  }
}
