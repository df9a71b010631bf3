import { subAgent } from 'holdfast'

export const research = subAgent({
  to: 'research',
  name: 'research',
  description:
    "Has a question looked into that takes many look-ups: several orders compared, several help articles read together. Gives a report with its sources. It can read the customer's orders and the help articles, changes nothing, and takes a while: for one order or one article look yourself.",
  task: 'The question and everything needed to answer it: order numbers, products, what the customer said of them. Whoever looks into it sees nothing of this conversation.',
})
