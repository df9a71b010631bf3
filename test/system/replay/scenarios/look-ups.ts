import { sayInTurn } from '../../../support/office/scripts.ts'
import type { Scenario, Stage } from './scenario.ts'

/** Runs whose rules look at facts of a call, and whose tool names who decides about it. */
export const lookUps = {
  'looked-up': {
    since: '0.3.0',
    shows: 'facts of two calls are looked up: one may be made, and the other is denied',
    ends: 'completed',
    play: (stage) => order(stage, 'pen', 'car'),
  },

  'approved-by-name': {
    since: '0.3.0',
    shows: 'a fact wants a person asked; whom the tool names approves',
    ends: 'completed',
    async play(stage) {
      const started = await order(stage, 'desk')
      await stage.caller.decide(await stage.untilWaiting(started), { decision: 'approve' })
      return started
    },
  },

  'edit-looked-up': {
    since: '0.3.0',
    shows: 'an edit is looked up before it counts: one that the rules deny is refused, another is made',
    ends: 'completed',
    async play(stage) {
      const started = await order(stage, 'desk')
      const approval = await stage.untilWaiting(started)
      for (const thing of ['car', 'pen']) {
        await stage.caller.decide(approval, { decision: 'edit', arguments: { thing } })
      }
      return started
    },
  },
} as const satisfies Record<string, Scenario>

function order({ answerWith, start }: Stage, ...things: readonly string[]) {
  const toolCalls = things.map((thing) => ({ tool: 'order', arguments: { thing } }))
  answerWith(sayInTurn({ toolCalls }, { text: 'That is settled.' }))
  return start('buyer', `Please order: ${things.join(', ')}.`)
}
