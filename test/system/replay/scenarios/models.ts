import type { Script } from '../../../../src/testing/script.ts'
import { modelsBack } from '../../../../src/workflows/agent-run.messages.ts'
import type { Scenario } from './scenario.ts'

const refuseKey: Script = () => ({ fault: { status: 401 } })

/** What the fallback chain does. */
export const models = {
  retried: {
    shows: 'the provider fails once; the second attempt of the same call is answered',
    ends: 'completed',
    async play({ answerWith, start }) {
      let calls = 0
      answerWith(() => (++calls === 1 ? { fault: { status: 500 } } : { text: 'Here I am.' }))
      return start('assistant', 'Are you there?')
    },
  },

  'fallen-back': {
    shows: 'the first model refuses the key, the second provider answers',
    ends: 'completed',
    async play({ answerWith, start }) {
      answerWith((request) =>
        request.wire === 'anthropic-messages' ? { text: 'Here I am.' } : refuseKey(request),
      )
      return start('assistant', 'Is anybody there?')
    },
  },

  'all-models-down': {
    shows: 'every model refuses the key; the run gives its degraded answer',
    ends: 'incomplete/models_unavailable',
    async play({ answerWith, start }) {
      answerWith(refuseKey)
      return start('assistant', 'Is really nobody there?')
    },
  },

  'waited-for-models': {
    since: '0.3.0',
    shows: 'every model refuses the key; the run waits until one answers again',
    ends: 'completed',
    async play({ answerWith, caller, start }) {
      answerWith(refuseKey)
      const started = await start('clerk', 'Is nobody there yet?')
      await caller.until(started.runId, 'models.away')
      answerWith(() => ({ text: 'Here I am again.' }))
      return started
    },
  },

  'told-that-models-are-back': {
    since: '0.4.0',
    shows: 'every model refuses the key; the run waits, and is signalled that one is back',
    ends: 'completed',
    async play({ answerWith, caller, environment, start }) {
      answerWith(refuseKey)
      const started = await start('clerk', 'Is nobody back yet?')
      await caller.until(started.runId, 'models.away')
      answerWith(() => ({ text: 'Here I am, as you were told.' }))
      await environment.service.client.workflow.getHandle(started.workflowId).signal(modelsBack)
      return started
    },
  },

  resumed: {
    since: '0.3.0',
    shows: 'the run ended without a model, and goes on when it is resumed',
    ends: 'completed',
    async play({ answerWith, caller, start }) {
      answerWith(refuseKey)
      const started = await start('assistant', 'Will somebody be there?')
      await caller.untilEnd(started.runId)
      answerWith(() => ({ text: 'Here I am after all.' }))
      await caller.resume(started.runId)
      return started
    },
  },

  refused: {
    shows: 'the model declines to answer',
    ends: 'incomplete/refusal',
    async play({ answerWith, start }) {
      answerWith(() => ({ text: 'I would rather not.', stop: 'refusal' }))
      return start('assistant', 'Do something bad.')
    },
  },
} as const satisfies Record<string, Scenario>
