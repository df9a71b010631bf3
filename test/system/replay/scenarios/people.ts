import type { ApprovalResource } from '../../../../src/api/approvals/approval.schema.ts'
import type {
  ApprovalDecision,
  ApprovalId,
  ApprovalTerms,
} from '../../../../src/contracts/approvals/approval.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { approvalDecision, tightenPolicy } from '../../../../src/workflows/agent-run.messages.ts'
import { PAY, SMALL_PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan } from '../../../support/office.ts'
import type { StartedPlan } from '../../../support/start-plan.ts'
import type { Scenario, Stage } from './scenario.ts'

/** Runs that wait for several people, for other words than yes and no, and for time. */
export const people = {
  edited: {
    since: '0.2.0',
    shows: 'a person changes the arguments of a payment, first to some that do not fit the tool',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      for (const cents of [-1, 2_500]) {
        await stage.caller.decide(approval, {
          decision: 'edit',
          arguments: { ...PAY.arguments, cents },
        })
      }
      return started
    },
  },

  responded: {
    since: '0.2.0',
    shows: 'a person answers in the place of the payment',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      await stage.caller.decide(approval, { decision: 'respond', message: 'It has been paid by hand.' })
      return started
    },
  },

  'quorum-of-two': {
    since: '0.2.0',
    shows:
      'two of finance agree to a payment; somebody else’s word and a second one of the same person are refused',
    ends: 'completed',
    async play(stage) {
      const terms = { approvers: ['finance'], quorum: 2, decisions: ['approve', 'reject'] } as const
      const { started, approval } = await startWaiting(stage, terms)
      await signal(stage, started, approval, { by: 'eve', groups: ['support'] })
      await signal(stage, started, approval, { by: 'ann', groups: ['finance'] })
      await stage.caller.until(started.runId, 'approval.voted')
      // The same words again would be taken for a repeated message.
      await signal(stage, started, approval, { by: 'ann', groups: ['finance'], decision: 'reject' })
      await stage.caller.until(started.runId, 'approval.refused', 2)
      await signal(stage, started, approval, { by: 'bob', groups: ['finance'] })
      return started
    },
  },

  escalated: {
    since: '0.2.0',
    shows: 'nobody of finance decides; a manager is asked too, and approves',
    ends: 'completed',
    async play(stage) {
      const escalation = [{ afterMs: 300, to: ['managers'] }]
      const { started, approval } = await startWaiting(stage, { approvers: ['finance'], escalation })
      await stage.caller.until(started.runId, 'approval.escalated')
      await signal(stage, started, approval, { by: 'mia', groups: ['managers'] })
      return started
    },
  },

  reminded: {
    since: '0.2.0',
    shows: 'two reminders go out before a person approves',
    ends: 'completed',
    async play(stage) {
      const { started, approval } = await startWaiting(stage, { remindEveryMs: 300 })
      await stage.caller.until(started.runId, 'approval.reminded', 2)
      await stage.caller.decide(approval, { decision: 'approve' })
      return started
    },
  },

  'approval-expired': {
    since: '0.2.0',
    shows: 'nobody decides, and the run fails over it',
    ends: 'failed/approval_expired',
    play: (stage) => start(stage, { timeoutMs: 300, onTimeout: 'fail' }),
  },

  'tightened-to-ask': {
    since: '0.2.0',
    shows:
      'the policy becomes stricter while the model speaks: a person is asked about a payment that needed nobody',
    ends: 'completed',
    async play(stage) {
      const asked = Promise.withResolvers<void>()
      const tightened = Promise.withResolvers<void>()
      const script = sayInTurn({ toolCalls: [SMALL_PAY] }, { text: 'That is settled.' })
      stage.answerWith(async (request) => {
        asked.resolve()
        await tightened.promise
        return script(request)
      })
      const started = await stage.startPlan(clerkPlan(), 'A small payment, please.')
      await asked.promise
      await workflowOf(stage, started).signal(tightenPolicy, { tool: 'pay', verdict: 'ask' })
      tightened.resolve()
      await stage.caller.decide(await stage.untilWaiting(started), { decision: 'approve' })
      return started
    },
  },

  'tightened-to-deny': {
    since: '0.2.0',
    shows: 'the policy denies every tool while a payment waits for a person',
    ends: 'completed',
    async play(stage) {
      const { started } = await startWaiting(stage)
      await workflowOf(stage, started).signal(tightenPolicy, { tool: '*', verdict: 'deny' })
      return started
    },
  },
} as const satisfies Record<string, Scenario>

/** Starts a run whose large payment is asked about on these terms. */
function start({ answerWith, startPlan }: Stage, terms: Partial<ApprovalTerms>): Promise<StartedPlan> {
  answerWith(sayInTurn({ toolCalls: [PAY] }, { text: 'That is settled.' }))
  const plan = clerkPlan()
  const standard = { ...plan.approvalTerms.standard, remindEveryMs: 0, ...terms }
  const asking: RunPlan = { ...plan, approvalTerms: { ...plan.approvalTerms, standard } }
  return startPlan(asking, 'A payment, please.')
}

async function startWaiting(stage: Stage, terms: Partial<ApprovalTerms> = {}) {
  const started = await start(stage, terms)
  return { started, approval: await stage.untilWaiting(started) }
}

function workflowOf({ environment }: Stage, { workflowId }: StartedPlan) {
  return environment.temporal.client.workflow.getHandle(workflowId)
}

/** A decision of somebody else than the API's one caller: an approval where nothing else is said. */
function signal(
  stage: Stage,
  started: StartedPlan,
  { id, arguments_sha256: argumentsSha256 }: ApprovalResource,
  words: Pick<ApprovalDecision, 'by' | 'groups'> & Partial<ApprovalDecision>,
): Promise<void> {
  const decision = { approvalId: id as ApprovalId, decision: 'approve', argumentsSha256, ...words } as const
  return workflowOf(stage, started).signal(approvalDecision, decision)
}
