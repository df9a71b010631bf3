import type { RunId } from '../../../../src/contracts/runs/run.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { LOOK_UP, PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { firstWords } from '../../../support/office/words.ts'
import type { StartedPlan } from '../../../support/start-plan.ts'
import type { Scenario, Stage } from './scenario.ts'

const TASK = 'How do customers return a machine?'
const RESEARCH = { tool: 'research', arguments: { task: TASK } }
const TO_BILLING = { tool: 'handoff_to_billing', arguments: { reason: 'It is about a payment.' } }

/** Runs that more than one agent has a part in. */
export const team = {
  'handed-off': {
    since: '0.2.0',
    shows: 'the front desk hands over to billing, whose payment a person approves',
    ends: 'completed',
    async play({ answerWith, start, untilWaiting, caller }) {
      answerWith(
        sayInTurn({ toolCalls: [TO_BILLING] }, { toolCalls: [LOOK_UP, PAY] }, { text: 'It is paid.' }),
      )
      const started = await start('support', 'I want my money back.')
      await caller.decide(await untilWaiting(started), { decision: 'approve' })
      return started
    },
  },

  'asked-a-sub-agent': {
    since: '0.2.0',
    shows: 'a specialist has research look something up, in a run of its own, and answers with its report',
    ends: 'completed',
    play: (stage) => startResearch(stage, { text: 'By post.' }),
  },

  'worked-as-a-sub-agent': {
    since: '0.2.0',
    shows: 'the sub-agent of such a run: it looks something up and reports',
    ends: 'completed',
    async play(stage) {
      const started = await startResearch(stage, { text: 'By post.' })
      await stage.caller.untilEnd(started.runId)
      return childOf(started)
    },
  },

  'cancelled-with-a-sub-agent': {
    since: '0.2.0',
    shows: 'somebody cancels while the sub-agent’s model speaks',
    ends: 'cancelled/cancel_requested',
    async play(stage) {
      const asked = Promise.withResolvers<void>()
      const started = await startResearch(stage, () => {
        asked.resolve()
        return { text: 'Once upon a time', fault: 'stall' }
      })
      await asked.promise
      await stage.caller.cancel(started.runId)
      return started
    },
  },
} as const satisfies Record<string, Scenario>

/** Starts a run in whose second step a sub-agent is asked; `report` is what its model says in the end. */
function startResearch(
  { answerWith, start }: Stage,
  report: { readonly text: string } | Script,
): Promise<StartedPlan> {
  const last: Script = typeof report === 'function' ? report : () => report
  const own = sayInTurn({ toolCalls: [TO_BILLING] }, { toolCalls: [RESEARCH, LOOK_UP] }, { text: 'By post.' })
  answerWith((request) => {
    if (firstWords(request.messages) !== TASK) return own(request)
    const hasLooked = request.messages.some(({ role }) => role === 'assistant')
    return hasLooked ? last(request) : { toolCalls: [LOOK_UP] }
  })
  return start('support', 'How do I return my machine?')
}

/** The run and the workflow of the call at index 0 of the second step. */
function childOf({ runId, workflowId }: StartedPlan): StartedPlan {
  return { runId: `${runId}_2_0` as RunId, workflowId: `${workflowId}/2.0` }
}
