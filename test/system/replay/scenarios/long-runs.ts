import { setTimeout as delay } from 'node:timers/promises'
import { LOOK_UP, PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan } from '../../../support/office.ts'
import type { StartedPlan } from '../../../support/start-plan.ts'
import type { Scenario, Stage } from './scenario.ts'

const STEPS = 30
const PATIENCE_MS = 10_000
/** A message and its workflow task: the server suggests a hand-over in the first task that begins past the limit. */
const TASK_EVENTS = 4
/** Somewhat fewer than it takes to put a decision on the record. */
const DECISION_EVENTS = 6

/** Runs whose workflow hands over to fresh executions. The recording's server suggests it early. */
export const longRuns = {
  'continued-as-new': {
    shows: `a run of ${STEPS} steps goes through several executions`,
    ends: 'completed',
    handsOver: true,
    async play({ answerWith, startPlan }) {
      const steps = Array.from({ length: STEPS - 1 }, () => ({ toolCalls: [LOOK_UP] }))
      answerWith(sayInTurn(...steps, { text: 'That was a long way.' }))
      return startPlan(clerkPlan({ maxSteps: STEPS }), 'Take your time.')
    },
  },

  'continued-as-new-while-waiting': {
    shows: 'a payment waits and messages come in; the next execution takes over both, and the decision',
    ends: 'completed',
    handsOver: true,
    async play(stage) {
      const { started, approval, workflow } = await startWaiting(stage)
      const { runId: first } = await workflow.describe()
      await fillHistory(stage, started, stage.handOverAfterEvents + TASK_EVENTS)
      for (const end = Date.now() + PATIENCE_MS; (await workflow.describe()).runId === first; ) {
        if (Date.now() > end) throw new Error('the workflow does not hand over')
        await delay(50)
      }
      await stage.caller.decide(approval, { decision: 'approve' })
      return started
    },
  },

  'continued-as-new-after-a-decision': {
    shows: 'a decision by update is answered just when the workflow is to hand over',
    ends: 'completed',
    handsOver: true,
    async play(stage) {
      const { started, approval } = await startWaiting(stage)
      await fillHistory(stage, started, stage.handOverAfterEvents - DECISION_EVENTS)
      await stage.caller.decide(approval, { decision: 'approve' })
      return started
    },
  },
} as const satisfies Record<string, Scenario>

async function startWaiting({ answerWith, startPlan, untilWaiting, environment }: Stage) {
  answerWith(sayInTurn({ toolCalls: [PAY] }, { text: 'That is settled.' }))
  const started = await startPlan(clerkPlan(), 'A payment, please.')
  const approval = await untilWaiting(started)
  const workflow = environment.temporal.client.workflow.getHandle(started.workflowId)
  return { started, approval, workflow }
}

/** Sends messages until the workflow's history is about that long. */
async function fillHistory(
  { caller, environment }: Stage,
  { runId, workflowId }: StartedPlan,
  events: number,
): Promise<void> {
  const workflow = environment.temporal.client.workflow.getHandle(workflowId)
  for (let length = 0; length < events; length = (await workflow.describe()).historyLength) {
    await caller.say(runId, 'I am still here.')
  }
}
