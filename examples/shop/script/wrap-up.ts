import type { Script } from 'holdfast/testing'
import { text } from './orders.ts'
import { readTurn } from './turn.ts'
import { listing } from './words.ts'

/** What was done that stays done, by the tool that did it and the number it gave. */
const DONE = [
  ['issue_refund', 'refund_number', 'refund'],
  ['create_return', 'return_number', 'return'],
  ['escalate_to_person', 'ticket_number', 'ticket'],
] as const

/** The last turn that a budget allows: says what there is, and that it is not all. */
export const wrapUpScript: Script = (request) => {
  const { results } = readTurn(request, 'last_message')
  const done = results.flatMap(({ tool, value }) =>
    DONE.flatMap(([name, number, what]) =>
      tool === name && value ? [`${what} ${text(value[number])}`] : [],
    ),
  )
  const found = done.length > 0 ? `What is done stays done: ${listing(done)}.` : 'Nothing has been changed.'
  return { text: `I have to leave it at this for now. ${found} The rest of your request is still open.` }
}
