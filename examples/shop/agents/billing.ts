import { defineAgent, prompt } from 'holdfast'
import { escalateToPerson } from '../tools/escalate-to-person.ts'
import { getOrder } from '../tools/get-order.ts'
import { handBack } from '../tools/handoffs.ts'
import { issueRefund } from '../tools/issue-refund.ts'
import { listOrders } from '../tools/list-orders.ts'
import { readArticle } from '../tools/read-article.ts'
import { research } from '../tools/research.ts'
import { searchHelp } from '../tools/search-help.ts'

/** Orders, parcels and money. The only one who pays anything back. */
export const billing = defineAgent({
  name: 'billing',
  version: 'v1',
  startable: false,
  instructions: prompt('billing.v1'),
  tools: [listOrders, getOrder, searchHelp, readArticle, research, issueRefund, escalateToPerson, handBack],
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. What was refunded stays refunded, and nothing more happens without you: please write again in a few minutes, or to help@larkmoor.example.',
})
