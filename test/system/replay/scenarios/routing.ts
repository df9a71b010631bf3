import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { officePlan } from '../../../support/office.ts'
import type { Scenario } from './scenario.ts'

const CENTS = {
  type: 'object',
  properties: { cents: { type: 'integer' } },
  required: ['cents'],
  additionalProperties: false,
}

/** The assistant, with its own models for every part. */
function routedPlan(): RunPlan {
  const plan = officePlan('assistant')
  const [first, second] = plan.chain as readonly [PlannedModel, PlannedModel]
  return {
    ...plan,
    output: CENTS,
    routes: [{ chain: [second] }, { chain: [first, second] }],
    routing: [
      {
        name: 'difficulty',
        classifier: { model: second, question: 'Is it easy or hard?', labels: { easy: 0, hard: 1 } },
      },
    ],
    escalation: { route: 1, on: ['output_invalid'] },
  }
}

/** Which models are asked. */
export const routing = {
  'routed-and-escalated': {
    since: '0.4.0',
    shows:
      'a classifier sends the run to a cheap model, whose answer does not fit its schema; the stronger one’s does',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(({ system, wire }) => {
        if (system.startsWith('Is it easy or hard?')) return { text: 'easy' }
        return { text: wire === 'anthropic-messages' ? 'Five.' : '{"cents":5}' }
      })
      return startPlan(routedPlan(), 'How much is it?')
    },
  },

  overtaken: {
    since: '0.4.0',
    shows: 'the first model stays silent; the next one is asked as well and answers',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(({ wire }) => (wire === 'anthropic-messages' ? { text: 'Here I am.' } : { fault: 'hang' }))
      const plan = officePlan('assistant')
      const chain = plan.chain.map((model) => ({ ...model, hedge: { afterMs: 100 } }))
      return startPlan({ ...plan, chain }, 'Is one of you there?')
    },
  },
} as const satisfies Record<string, Scenario>
