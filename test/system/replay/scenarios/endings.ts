import { LOOK_UP, PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan } from '../../../support/office.ts'
import type { Scenario } from './scenario.ts'

/** Runs that end before they have their answer. */
export const endings = {
  'cancelled-in-a-model-call': {
    shows: 'somebody cancels while the model speaks',
    ends: 'cancelled/cancel_requested',
    async play({ answerWith, start, caller }) {
      const asked = Promise.withResolvers<void>()
      answerWith(() => {
        asked.resolve()
        return { text: 'Once upon a time', fault: 'stall' }
      })
      const started = await start('assistant', 'Tell me a long story.')
      await asked.promise
      await caller.cancel(started.runId)
      return started
    },
  },

  'cancelled-in-an-approval': {
    shows: 'somebody cancels while a payment waits for a person',
    ends: 'cancelled/cancel_requested',
    async play({ answerWith, startPlan, untilWaiting, caller }) {
      answerWith(sayInTurn({ toolCalls: [PAY] }))
      const started = await startPlan(clerkPlan(), 'A payment, please.')
      await untilWaiting(started)
      await caller.cancel(started.runId)
      return started
    },
  },

  expired: {
    shows: 'the deadline comes while the model is silent',
    ends: 'expired/deadline',
    async play({ answerWith, startPlan }) {
      answerWith(() => ({ fault: 'hang' }))
      return startPlan(clerkPlan({ deadlineMs: 500 }), 'Quick, please.')
    },
  },

  'steps-used-up': {
    shows: 'the model calls tools until the plan allows no further step',
    ends: 'incomplete/max_steps',
    async play({ answerWith, startPlan }) {
      answerWith(sayInTurn({ toolCalls: [LOOK_UP] }))
      return startPlan(clerkPlan({ maxSteps: 2 }), 'Look again and again.')
    },
  },

  failed: {
    // A worker of a later one leaves such a run to a worker that knows the prompt.
    until: '0.2.0',
    shows: 'the worker does not know the plan’s prompt; the run fails',
    ends: 'failed/internal_error',
    async play({ startPlan }) {
      return startPlan({ ...clerkPlan(), prompt: { name: 'clerk', version: 'v0' } }, 'Hello?')
    },
  },
} as const satisfies Record<string, Scenario>
