import { defineAgent, prompt } from 'holdfast'
import { escalateToPerson } from '../tools/escalate-to-person.ts'
import { handoffToBilling, handoffToReturns, handoffToTechnical } from '../tools/handoffs.ts'
import { readArticle } from '../tools/read-article.ts'
import { searchHelp } from '../tools/search-help.ts'

/** The front desk: answers what the help articles answer, and hands everything else to a specialist. */
export const support = defineAgent({
  name: 'support',
  version: 'v2',
  purpose:
    'Helps a customer of the shop: a front desk with specialists for orders and refunds, returns, and the products themselves.',
  instructions: prompt('support.v2'),
  tools: [handoffToBilling, handoffToReturns, handoffToTechnical, searchHelp, readArticle, escalateToPerson],
  // As long as most outages of a provider last.
  whenNoModel: { waitMs: 14_400_000 },
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. Nothing is lost: please write again in a few minutes, or to help@larkmoor.example.',
  limits: { maxSteps: 40, deadlineMs: 3_600_000 },
  budget: {
    limits: { maxCostMicroUsd: 2_000_000, maxTokens: 2_000_000, maxModelCalls: 200, maxToolCalls: 200 },
    onReached: 'pause',
  },
})
