import { type KillSwitch, killSwitch } from '../../../../src/workflows/agent-run.messages.ts'
import type { StartedPlan } from '../../../support/start-plan.ts'
import { lookUps, STEP } from '../../runs/support/look-ups.ts'
import type { Scenario, Stage } from './scenario.ts'

/** Some of the eight steps fit, at their worst, and not all. */
const LITTLE = 6 * STEP.microUsd
const WORDS = '8 steps of 1'

/** Runs that reach what they may spend, and runs that are switched off. */
export const budgets = {
  'topped-up': {
    since: '0.2.0',
    shows: 'the budget is reached, raised over HTTP, reached again, and raised by signal',
    ends: 'completed',
    async play(stage) {
      const { caller } = stage
      const started = await startWith(stage, { max_cost_micro_usd: LITTLE, on_reached: 'pause' })
      await caller.until(started.runId, 'budget.reached')
      await caller.changeBudget(started.runId, { max_cost_micro_usd: LITTLE + STEP.microUsd })
      await caller.until(started.runId, 'budget.reached', 2)
      await workflowOf(stage, started).signal('budget', {
        by: 'ann',
        add: { maxCostMicroUsd: 10 * STEP.microUsd },
      })
      return started
    },
  },

  'cancelled-at-its-budget': {
    since: '0.2.0',
    shows: 'somebody cancels while the run waits for more',
    ends: 'cancelled/cancel_requested',
    async play(stage) {
      const started = await startWith(stage, { max_cost_micro_usd: LITTLE, on_reached: 'pause' })
      await stage.caller.until(started.runId, 'budget.reached')
      await stage.caller.cancel(started.runId)
      return started
    },
  },

  degraded: {
    since: '0.2.0',
    shows: 'the budget is reached, and the run goes on with cheaper models',
    ends: 'completed',
    play: (stage) => startWith(stage, { max_cost_micro_usd: LITTLE, on_reached: 'degrade' }),
  },

  'wrapped-up': {
    since: '0.2.0',
    shows: 'the budget allows no further tool call: one is refused, and the last call says what there is',
    ends: 'incomplete/budget',
    play: (stage) => startWith(stage, { max_tool_calls: 2, on_reached: 'finish' }),
  },

  'failed-at-its-budget': {
    since: '0.2.0',
    shows: 'the budget is reached, and the run fails over it',
    ends: 'failed/budget',
    play: (stage) => startWith(stage, { max_model_calls: 2, on_reached: 'fail' }),
  },

  'switched-off-and-on': {
    since: '0.2.0',
    shows: 'a kill switch comes while the model speaks, and is taken back when the run waits',
    ends: 'completed',
    async play(stage) {
      const asked = Promise.withResolvers<void>()
      const switched = Promise.withResolvers<void>()
      stage.answerWith(
        lookUps(() => {
          asked.resolve()
          return switched.promise
        }),
      )
      const started = await stage.start('research', WORDS)
      await asked.promise
      await tell(stage, started, { on: true, scope: 'tenant' })
      switched.resolve()
      await stage.caller.until(started.runId, 'budget.reached')
      await tell(stage, started, { on: false, scope: 'tenant' })
      return started
    },
  },
} as const satisfies Record<string, Scenario>

function startWith({ answerWith, start }: Stage, budget: object): Promise<StartedPlan> {
  answerWith(lookUps())
  return start('research', WORDS, budget)
}

function workflowOf({ environment }: Stage, { workflowId }: StartedPlan) {
  return environment.temporal.client.workflow.getHandle(workflowId)
}

function tell(stage: Stage, started: StartedPlan, message: KillSwitch): Promise<void> {
  return workflowOf(stage, started).signal(killSwitch, message)
}
