import type { Turn } from './turn.ts'

export type Intent =
  | 'escalate'
  | 'fault'
  | 'refund_status'
  | 'track'
  | 'return'
  | 'refund'
  | 'list'
  | 'review'
  | 'product'
  | 'thanks'
  | 'greeting'
  | 'question'
  | 'other'

const HOW_IT_WORKS =
  /\b(how (do|can|long|much|many|should|fine)|what (is|are|does|if|happens)|do you|does the|is there|are there|which)\b/i
const MAY_ONE = /\b(can|may|could) (i|we|you|one)\b/i
const THEIR_OWN = /\b(my|this|these)\b/i
const HANDLING =
  /\b(descal\w*|limescale|clean(ing)?|sharpen\w*|season(ing)?|no pressure|grind size|how fine|froth(ing)?|stor(e|ing) (my |the )?(coffee|beans)|bitter|sour)\b/i
const ORDER_NUMBER = /\bL-?\d{4,6}\b|#\s?\d{4,6}\b/i

/** First match wins: what is dangerous to get wrong stands first. */
const INTENTS: readonly (readonly [Intent, RegExp])[] = [
  [
    'escalate',
    /\b(lawyer|attorney|solicitor|sue you|suing|legal action|court|trading standards|ombudsman|journalist|newspaper|electric shock|injur\w*|burn(ed|t) (my|me)|(speak|talk) (to|with) (a |an )?(human|person|someone|manager|supervisor)|real person|human being|outrag\w*|disgust\w*|furious|scam\w*|worst|unacceptable|ridiculous)\b/i,
  ],
  ['review', /\b(which|what)\b[^.!?]*\b(of my|still)\b[^.!?]*\b(return\w*|send back|sent back|give back)\b/i],
  [
    'refund_status',
    /\b(where('s| is| are)|when (will|do|does|can)|status of|waiting for|not received|still no)\b[^.!?]*\b(refund(ed)?|money)\b/i,
  ],
  [
    'fault',
    /\b(damag\w*|broken|broke|crack\w*|smash\w*|shatter\w*|dent(ed|s)?|chipped|leak\w*|faulty|defect\w*|stopped working|not working|(does|do|did|is|wo)(n.t| not) (work|turn|start|heat)\w*|wrong (item|product|thing|colou?r|one)|not what i ordered|missing from)\b/i,
  ],
  [
    'track',
    /\b(where('s| is| are)|track\w*|late|delayed|overdue|lost|still waiting|(not|never|n.t) (yet )?(been )?(arrived?|come|here|delivered|received?)|when (will|does|is) .*(arriv|com|deliver|get|here)\w*|status of)\b/i,
  ],
  [
    'return',
    /\b(return(ing)?|send back|give back|send (it|them|this|these|the \w+|my \w+) back|changed my mind|too (big|small|large|heavy|loud))\b/i,
  ],
  ['refund', /\b(refund|money back|reimburse\w*)\b/i],
  [
    'list',
    /\b((my|all|list|show|recent|last) (\w+ )?orders|order history|what (did|have) i (order|bought|buy)\w*)\b/i,
  ],
  ['thanks', /^\W*(thanks?|thank you|great|perfect|cheers)\b/i],
  ['greeting', /^\W*(hi|hello|hey|good (morning|afternoon|evening))\b[^?]{0,25}$/i],
]

/** What the customer wants. A question about how things work is one even where it names a return or a refund. */
export function readIntent({ said, lastAnswer }: Turn): Intent {
  if (/colleague[^.]*\?\s*$/i.test(lastAnswer)) {
    const reply = said.split('\n').at(-1) ?? ''
    if (/^\W*(yes|yeah|please|ok|okay|sure|do)\b/i.test(reply)) return 'escalate'
    if (/^\W*no\b/i.test(reply)) return 'thanks'
  }
  const intent = INTENTS.find(([, pattern]) => pattern.test(said))?.[0]
  if (intent === 'escalate' || intent === 'list' || intent === 'review') return intent
  const asks = asksHowItWorks(said, intent) || (intent === undefined && said.includes('?'))
  if (HANDLING.test(said) && (asks || intent === undefined)) return 'product'
  return asks ? 'question' : (intent ?? 'other')
}

function asksHowItWorks(said: string, intent: Intent | undefined): boolean {
  if (ORDER_NUMBER.test(said)) return false
  if (MAY_ONE.test(said) && said.includes('?') && !THEIR_OWN.test(said)) return true
  if (!HOW_IT_WORKS.test(said)) return false
  if (intent === 'fault') return !/\b(my|arrived|ordered|bought)\b/i.test(said)
  // "What is the status of my order?" wants the order, "How do I track my order?" the article.
  if (intent === 'track' || intent === 'refund_status') return /\bhow\b/i.test(said) || !THEIR_OWN.test(said)
  return true
}

/** The order number that the customer names, as the shop writes it; null where there is none. */
export function namedOrder(said: string): string | null {
  const digits =
    ORDER_NUMBER.exec(said)?.[0].replace(/\D/g, '') ??
    /\border (?:number |no\.? ?)?(\d{4,6})\b/i.exec(said)?.[1]
  return digits === undefined ? null : `L-${digits}`
}
