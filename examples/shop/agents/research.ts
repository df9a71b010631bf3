import { defineAgent, prompt } from 'holdfast'
import { getOrder } from '../tools/get-order.ts'
import { listOrders } from '../tools/list-orders.ts'
import { readArticle } from '../tools/read-article.ts'
import { searchHelp } from '../tools/search-help.ts'

/** Reads and reports, for other agents as well as for whoever starts it. */
export const research = defineAgent({
  name: 'research',
  version: 'v1',
  purpose:
    'Looks into a question that takes many look-ups in orders and help articles, and reports what it found. It only reads.',
  instructions: prompt('research.v1'),
  tools: [listOrders, getOrder, searchHelp, readArticle],
  whenNoModel: 'answer',
  degradedAnswer: 'The question could not be looked into: the language models are not available.',
  limits: { maxSteps: 12, deadlineMs: 900_000 },
  // Also what it asks of the run that it works for. A report on half of the question is worth more than none.
  budget: {
    limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60, maxToolCalls: 60 },
    onReached: 'finish',
  },
})
