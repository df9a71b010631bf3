import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { ApprovalRule, PlannedTool, Verdict } from '../../../../../src/contracts/tools/tool.ts'
import type { Random } from '../../../simulation/random.ts'
import { ACCOUNTS_EACH, accountOf } from './accounts.ts'
import type { PersonName } from './people.ts'

/** A call that a model asks for, and what the policy below has to say of it: known from how it was made up, not by asking. */
export interface WildCall {
  readonly tool: 'pay_out' | 'open_ticket'
  readonly arguments: JsonObject
  readonly verdict: Verdict
  readonly terms: TermsName
}
export type TermsName = 'standard' | 'strict'

const ALLOWED_CENTS = 1_000
const ASKED_CENTS = 5_000
const STRICT_CENTS = 9_000

/** Amounts decide about payments; topic and wording about tickets. */
const POLICY: Readonly<Record<WildCall['tool'], readonly ApprovalRule[]>> = {
  pay_out: [
    { name: 'far-too-much', when: { argument: 'cents', above: STRICT_CENTS }, verdict: 'deny' },
    {
      name: 'two-agree',
      when: { argument: 'cents', above: ASKED_CENTS },
      verdict: 'ask',
      terms: 'strict',
    },
    { name: 'one-agrees', when: { argument: 'cents', above: ALLOWED_CENTS }, verdict: 'ask' },
  ],
  open_ticket: [
    { name: 'not-ours', when: { argument: 'topic', outside: ['other', 'delivery'] }, verdict: 'deny' },
    { name: 'impolite', when: { argument: 'text', outside: ['please.'] }, verdict: 'ask' },
  ],
}

/** The two tools that write, under the policy above. */
export function wildTools(
  tools: readonly PlannedTool[],
  idempotency: PlannedTool['idempotency'],
): PlannedTool[] {
  return tools.flatMap((tool) => {
    if (tool.name !== 'pay_out' && tool.name !== 'open_ticket') return []
    return [{ ...tool, idempotency, approval: { rules: POLICY[tool.name], otherwise: 'allow' as const } }]
  })
}

/** @param place makes the call like no other; it is read back by `placeIn` */
export function wildCall(random: Random, requester: PersonName, place: string): WildCall {
  const verdict = random.chance(0.7) ? 'ask' : random.pick(['allow', 'deny'] as const)
  if (random.chance(0.7)) {
    const terms = verdict === 'ask' && random.chance(0.4) ? 'strict' : 'standard'
    const least = { allow: 1, ask: terms === 'strict' ? ASKED_CENTS + 1 : ALLOWED_CENTS + 1, deny: 9_001 }
    const amount = least[verdict] + random.below(900)
    return { tool: 'pay_out', arguments: payment(random, requester, place, amount), verdict, terms }
  }
  const topic = verdict === 'deny' ? random.pick(['legal', 'press']) : random.pick(['other', 'delivery'])
  const text = verdict === 'allow' ? `${place} Answer, please.` : `${place} Answer!`
  return {
    tool: 'open_ticket',
    arguments: { topic, urgency: 'normal', text },
    verdict,
    terms: 'standard',
  }
}

function payment(random: Random, requester: PersonName, place: string, cents: number): JsonObject {
  return { account: accountOf(requester, random.below(ACCOUNTS_EACH)), cents, note: place }
}

/** What a person makes of a call: something the same people may approve, or something that nobody may have. */
export function edited(
  random: Random,
  args: JsonObject,
  mustBeUsable: boolean,
): { arguments: JsonObject; usable: boolean } {
  const usable = mustBeUsable || random.chance(0.6)
  if ('topic' in args) {
    const change = usable ? { text: `${args['text']} Once more.` } : random.pick(BAD_TICKETS)
    return { arguments: { ...args, ...change }, usable }
  }
  const change = usable ? { cents: 1 + random.below(ASKED_CENTS) } : random.pick(BAD_PAYMENTS)
  return { arguments: { ...args, ...change }, usable }
}
const BAD_TICKETS: readonly JsonObject[] = [{ topic: 'legal' }, { topic: 'delivery', urgency: 'never' }]
const BAD_PAYMENTS: readonly JsonObject[] = [{ cents: 9_500 }, { cents: -1 }, { extra: true }]
