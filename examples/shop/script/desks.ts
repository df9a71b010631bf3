import type { ScriptedAnswer } from 'holdfast/testing'
import type { Intent } from './intent.ts'
import { text } from './orders.ts'
import type { Turn } from './turn.ts'
import { shorten } from './words.ts'

type Desk = 'billing' | 'returns' | 'technical'

/** Whose work it is; null for what the front desk does by itself. */
const DESK_OF: Readonly<Record<Intent, Desk | null>> = {
  escalate: null,
  fault: 'billing',
  refund_status: 'billing',
  track: 'billing',
  return: 'returns',
  refund: 'billing',
  list: 'billing',
  review: 'billing',
  product: 'technical',
  question: null,
  thanks: null,
  greeting: null,
  other: null,
}

const HANDOFF_TO = {
  billing: 'handoff_to_billing',
  returns: 'handoff_to_returns',
  technical: 'handoff_to_technical',
} as const satisfies Record<Desk, string>
const HAND_BACK = 'hand_back'

/** Why a conversation is handed back, by who has to do the rest. The front desk knows them by heart. */
const STILL_WANTED: Readonly<Record<Desk, string>> = {
  billing: 'I have done what I can. The rest is about an order or about money.',
  returns: 'I have looked at the order. This has to come back to us, and needs a return.',
  technical: 'I have done what I can. The rest is about how the product is used.',
}

const DESKS = Object.keys(HANDOFF_TO) as Desk[]
const NOBODY: ScriptedAnswer = {
  text: 'I am sorry, I cannot do this for you at the moment. Would you like me to pass it on to a colleague?',
}

/**
 * What the front desk does with what is not its own; null for its own, and at any other desk. `turn` says what it is about,
 * `latest` what has been done about it since the customer wrote last.
 */
export function handOn(turn: Turn, latest: Turn, intent: Intent): ScriptedAnswer | null {
  if (!DESKS.some((desk) => turn.tools.includes(HANDOFF_TO[desk]))) return null
  const last = lastHandoff(latest)
  // Still here after a handoff: it was not made.
  if (last !== undefined && last.tool !== HAND_BACK) return NOBODY
  const wanted = DESKS.find((desk) => STILL_WANTED[desk] === text(last?.arguments['reason']))
  const desk = wanted ?? DESK_OF[intent]
  return desk === null ? null : handTo(HANDOFF_TO[desk], shorten(turn.said, 300))
}

/** An answer as it is, or what there is to do instead where it takes a tool that this desk does not have. */
export function goOn(latest: Turn, answer: ScriptedAnswer): ScriptedAnswer {
  const missing = answer.toolCalls?.find(({ tool }) => !latest.tools.includes(tool))
  if (missing === undefined) return answer
  if (!latest.tools.includes(HAND_BACK) || lastHandoff(latest)?.tool === HAND_BACK) return NOBODY
  return handTo(HAND_BACK, STILL_WANTED[missing.tool === 'create_return' ? 'returns' : 'billing'])
}

function handTo(tool: string, reason: string): ScriptedAnswer {
  return { text: '', toolCalls: [{ tool, arguments: { reason } }] }
}

function lastHandoff({ results }: Turn): Turn['results'][number] | undefined {
  const names: readonly string[] = [HAND_BACK, ...Object.values(HANDOFF_TO)]
  return results.findLast(({ tool }) => names.includes(tool))
}
