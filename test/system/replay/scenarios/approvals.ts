import { approvalDecision } from '../../../../src/workflows/agent-run.messages.ts'
import { PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan } from '../../../support/office.ts'
import type { Scenario, Stage } from './scenario.ts'

/** Runs that wait for a person. */
export const approvals = {
  approved: {
    shows: 'a person approves a payment, by an update',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      await stage.caller.decide(approval, { decision: 'approve', comment: 'Go ahead.' })
      return started
    },
  },

  'approved-by-signal': {
    shows: 'a person approves a payment, by a signal',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      const { workflow } = stage.environment.temporal.client
      await workflow.getHandle(started.workflowId).signal(approvalDecision, {
        approvalId: approval.id as `apr_${string}`,
        decision: 'approve',
        argumentsSha256: approval.arguments_sha256,
        by: 'local',
      })
      return started
    },
  },

  rejected: {
    shows: 'a person rejects a payment and says why',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      await stage.caller.decide(approval, { decision: 'reject', message: 'Please offer a new lid.' })
      return started
    },
  },

  'approval-timed-out': {
    shows: 'nobody decides, and time rejects the payment',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(sayInTurn({ toolCalls: [PAY] }, { text: 'Nobody was there.' }))
      return startPlan(clerkPlan({ approvalTimeoutMs: 300 }), 'A payment, please.')
    },
  },

  'two-approvals': {
    shows: 'two payments wait side by side; one is approved, then the other rejected',
    ends: 'completed',
    async play({ answerWith, startPlan, caller }) {
      answerWith(sayInTurn({ toolCalls: [PAY, PAY] }, { text: 'One of them.' }))
      const started = await startPlan(clerkPlan(), 'Two payments, please.')
      await caller.until(started.runId, 'approval.requested', 2)
      const { required_action: action } = await caller.run(started.runId)
      const approvals = action?.type === 'approval' ? action.approvals : []
      for (const [place, id] of approvals.entries()) {
        await caller.decide(await caller.approval(id), { decision: place === 0 ? 'approve' : 'reject' })
      }
      return started
    },
  },

  waiting: {
    shows: 'a run under way, as a deploy meets it: its payment still waits',
    ends: 'requires_action/approval',
    async play(stage) {
      const { started } = await startWaiting(stage)
      return started
    },
  },
} as const satisfies Record<string, Scenario>

async function startWaiting({ answerWith, startPlan, untilWaiting }: Stage) {
  answerWith(sayInTurn({ toolCalls: [PAY] }, { text: 'That is settled.' }))
  const started = await startPlan(clerkPlan(), 'A payment, please.')
  return { started, approval: await untilWaiting(started) }
}
