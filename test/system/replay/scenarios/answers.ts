import { plainScript } from '../../../../src/testing/plain-script.ts'
import { LOOK_UP, NOTE, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan, officePlan } from '../../../support/office.ts'
import type { Scenario } from './scenario.ts'

const CENTS = {
  type: 'object',
  properties: { cents: { type: 'integer' } },
  required: ['cents'],
  additionalProperties: false,
}

/** Runs that go straight to their answer, and one that is spoken to meanwhile. */
export const answers = {
  finished: {
    shows: 'the assistant answers at once',
    ends: 'completed',
    async play({ answerWith, start }) {
      answerWith(plainScript)
      return start('assistant', 'What is a moka pot?')
    },
  },

  'finished-with-tools': {
    shows: 'two look-ups side by side, then a write and a look-up side by side, then the answer',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      const minutes = { tool: 'look_up', arguments: { key: 'minutes' } }
      answerWith(
        sayInTurn(
          { text: 'I look it up.', toolCalls: [LOOK_UP, minutes] },
          { toolCalls: [NOTE, LOOK_UP] },
          { text: 'It is noted.' },
        ),
      )
      return startPlan(clerkPlan(), 'Look it up, and take a note.')
    },
  },

  'cut-off-and-repaired': {
    since: '0.4.0',
    shows: 'an answer is cut off and gone on with, does not fit its schema, and is repaired',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(
        sayInTurn(
          { text: '{"cents":', stop: 'max_output_tokens' },
          { text: '"5"}' },
          { text: '{"cents":5}' },
        ),
      )
      return startPlan({ ...officePlan('assistant'), output: CENTS }, 'How much is it?')
    },
  },

  'never-fits': {
    since: '0.4.0',
    shows: 'no model gives an answer that fits its schema',
    ends: 'incomplete/output_invalid',
    async play({ answerWith, startPlan }) {
      answerWith(sayInTurn({ text: 'Five, I think.' }))
      return startPlan({ ...officePlan('assistant'), output: CENTS }, 'How much is it?')
    },
  },

  'message-added': {
    shows: 'a message comes while the model speaks, twice under one id; the run answers it before it ends',
    ends: 'completed',
    async play({ answerWith, start, caller }) {
      const asked = Promise.withResolvers<void>()
      const added = Promise.withResolvers<void>()
      answerWith(async ({ messages }) => {
        asked.resolve()
        await added.promise
        return { text: `I was told ${messages.length} things.` }
      })
      const started = await start('assistant', 'First this.')
      await asked.promise
      for (const _ of ['once', 'again']) await caller.say(started.runId, 'And then that.', 'second-thought')
      added.resolve()
      return started
    },
  },
} as const satisfies Record<string, Scenario>
