import { defineAgent, prompt } from 'holdfast'
import { createReturn } from '../tools/create-return.ts'
import { escalateToPerson } from '../tools/escalate-to-person.ts'
import { getOrder } from '../tools/get-order.ts'
import { handBack } from '../tools/handoffs.ts'
import { listOrders } from '../tools/list-orders.ts'
import { readArticle } from '../tools/read-article.ts'
import { searchHelp } from '../tools/search-help.ts'

/** What goes back: a change of mind, and repairs under the guarantee. */
export const returns = defineAgent({
  name: 'returns',
  version: 'v1',
  startable: false,
  instructions: prompt('returns.v1'),
  tools: [listOrders, getOrder, searchHelp, readArticle, createReturn, escalateToPerson, handBack],
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. A return that I have confirmed stands; for everything else please write again in a few minutes, or to help@larkmoor.example.',
})
