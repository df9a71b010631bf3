import { defineAgent, prompt } from 'holdfast'
import { escalateToPerson } from '../tools/escalate-to-person.ts'
import { handBack } from '../tools/handoffs.ts'
import { readArticle } from '../tools/read-article.ts'
import { research } from '../tools/research.ts'
import { searchHelp } from '../tools/search-help.ts'

/** How things are used, cared for and put right. Sees no orders and changes nothing. */
export const technical = defineAgent({
  name: 'technical',
  version: 'v1',
  startable: false,
  instructions: prompt('technical.v1'),
  tools: [searchHelp, readArticle, research, escalateToPerson, handBack],
  degradedAnswer:
    'I am sorry, I cannot answer right now. If something smells of burning, sparks or leaks, please unplug it and do not use it. Otherwise write again in a few minutes, or to help@larkmoor.example.',
})
