import { setTimeout as delay } from 'node:timers/promises'
import { supportPlan } from '../../support/environment.ts'
import type { Scenario } from './scenario.ts'
import { LARGE_REFUND, LOOK_UP, sayInTurn } from './script-steps.ts'

const STEPS = 30
/** Enough for one hand-over: each makes four events, unless it comes together with another. */
const MESSAGES = 30
const PATIENCE_MS = 10_000

/** Runs whose workflow hands over to fresh executions. The recording's server suggests it early. */
export const longRuns = {
  'continued-as-new': {
    shows: `a run of ${STEPS} steps goes through several executions`,
    ends: 'completed',
    handsOver: true,
    async play({ answerWith, startPlan }) {
      const steps = Array.from({ length: STEPS - 1 }, () => ({ toolCalls: [LOOK_UP] }))
      answerWith(sayInTurn(...steps, { text: 'That was a long way.' }))
      return startPlan(supportPlan({ maxSteps: STEPS }), 'Take your time.')
    },
  },

  'continued-as-new-while-waiting': {
    shows: 'a refund waits and messages come in; the next execution takes over both, and the decision',
    ends: 'completed',
    handsOver: true,
    async play({ answerWith, start, caller, environment }) {
      answerWith(sayInTurn({ toolCalls: [LARGE_REFUND] }, { text: 'That is settled.' }))
      const started = await start('support', 'A refund, please.')
      const approval = await caller.untilWaiting(started.runId)
      const workflow = environment.temporal.client.workflow.getHandle(started.workflowId)
      const { runId: first } = await workflow.describe()
      for (let sent = 0; sent < MESSAGES; sent += 1) await caller.say(started.runId, 'I am still here.')
      for (const end = Date.now() + PATIENCE_MS; (await workflow.describe()).runId === first; ) {
        if (Date.now() > end) throw new Error('the workflow does not hand over')
        await delay(50)
      }
      await caller.decide(approval, { decision: 'approve' })
      return started
    },
  },
} as const satisfies Record<string, Scenario>
