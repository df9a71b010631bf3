import { text } from './orders.ts'
import type { Play } from './play.ts'
import { findResult } from './turn.ts'
import { shorten } from './words.ts'

/** A question over all of somebody's orders takes many look-ups, so it is given to research as a whole. */
export const reviewPlay: Play = (turn) => {
  const report = findResult(turn, 'research')
  if (!report) {
    const task = `Which orders of this customer can still be returned, and which not? Read every order and the article with the return policy. The customer writes: "${shorten(turn.said, 500)}"`
    return {
      text: 'Let me go through all of your orders.',
      toolCalls: [{ tool: 'research', arguments: { task } }],
    }
  }
  if (report.value === null) {
    return {
      text: 'I am sorry, I cannot go through your orders at the moment. If you tell me which one it is about, I can look at that one. Or would you like me to ask a colleague?',
    }
  }
  return {
    text: `I have gone through your orders.\n\n${text(report.value['answer'])}\n\nTell me which one you would like to send back, and I will see to it.`,
  }
}
