import type { ApprovalId, ApprovalTerms } from '../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { acceptTestRun } from './play-run.ts'

export interface AskedApproval {
  readonly id: ApprovalId
  readonly run: RunIdentity
}

/** An approval that waits, written into the store as the activities would. */
export async function askApproval(
  database: Database,
  {
    tenant = 'default',
    principal = 'ann',
    arguments: args = {},
    ...terms
  }: { tenant?: string; principal?: string; arguments?: JsonObject } & Partial<ApprovalTerms> = {},
): Promise<AskedApproval> {
  const { id: runId, plan } = await acceptTestRun(database, { tenant, principal })
  const run = { runId, tenant, principal }
  await markRunStarted(database, { run, plan })
  const id: ApprovalId = `apr_${runId.slice('run_'.length)}_1_0_0`
  await requestApproval(database, {
    run,
    approvalId: id,
    agent: 'assistant',
    step: 1,
    index: 0,
    tool: 'pay',
    effect: 'irreversible',
    arguments: args,
    argumentsSha256: '0'.repeat(64),
    cause: 'policy',
    rule: 'pay-above-50',
    terms: { ...APPROVAL_TERMS.standard, ...terms },
    expiresAt: '2126-01-01T00:00:00.000Z',
  })
  return { id, run }
}
