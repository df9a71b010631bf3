import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { ApprovalRule, PlannedTool, Verdict } from '../../../../src/contracts/tool.ts'
import type { Random } from '../../../simulation/random.ts'
import type { PersonName } from './people.ts'
import { orderOf } from './wild-shop.ts'

/** A call that a model asks for, and what the policy below has to say of it: known from how it was made up, not by asking. */
export interface WildCall {
  readonly tool: 'issue_refund' | 'escalate_to_person'
  readonly arguments: JsonObject
  readonly verdict: Verdict
  readonly terms: TermsName
}
export type TermsName = 'standard' | 'strict'

const ALLOWED_CENTS = 1_000
const ASKED_CENTS = 5_000
const STRICT_CENTS = 9_000

/** Amounts decide about refunds; topic and wording about tickets. */
const POLICY: Readonly<Record<WildCall['tool'], readonly ApprovalRule[]>> = {
  issue_refund: [
    { name: 'far-too-much', when: { argument: 'amount_cents', above: STRICT_CENTS }, verdict: 'deny' },
    {
      name: 'two-agree',
      when: { argument: 'amount_cents', above: ASKED_CENTS },
      verdict: 'ask',
      terms: 'strict',
    },
    { name: 'one-agrees', when: { argument: 'amount_cents', above: ALLOWED_CENTS }, verdict: 'ask' },
  ],
  escalate_to_person: [
    { name: 'not-ours', when: { argument: 'topic', outside: ['other', 'delivery'] }, verdict: 'deny' },
    { name: 'impolite', when: { argument: 'summary', outside: ['please.'] }, verdict: 'ask' },
  ],
}

/** The two tools that write, under the policy above. */
export function wildTools(
  tools: readonly PlannedTool[],
  idempotency: PlannedTool['idempotency'],
): PlannedTool[] {
  return tools.flatMap((tool) => {
    if (tool.name !== 'issue_refund' && tool.name !== 'escalate_to_person') return []
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
    return { tool: 'issue_refund', arguments: refund(random, requester, place, amount), verdict, terms }
  }
  const topic = verdict === 'deny' ? random.pick(['legal', 'press']) : random.pick(['other', 'delivery'])
  const summary = verdict === 'allow' ? `${place} Answer, please.` : `${place} Answer!`
  return {
    tool: 'escalate_to_person',
    arguments: { topic, urgency: 'normal', summary },
    verdict,
    terms: 'standard',
  }
}

function refund(random: Random, requester: PersonName, place: string, amount: number): JsonObject {
  return {
    order_number: orderOf(requester, random.below(4)),
    amount_cents: amount,
    currency: 'EUR',
    reason: 'goodwill',
    explanation: place,
  }
}

/** What a person makes of a call: something the same people may approve, or something that nobody may have. */
export function edited(
  random: Random,
  args: JsonObject,
  mustBeUsable: boolean,
): { arguments: JsonObject; usable: boolean } {
  const usable = mustBeUsable || random.chance(0.6)
  if ('topic' in args) {
    const change = usable ? { summary: `${args['summary']} Once more.` } : random.pick(BAD_TICKETS)
    return { arguments: { ...args, ...change }, usable }
  }
  const change = usable ? { amount_cents: 1 + random.below(ASKED_CENTS) } : random.pick(BAD_REFUNDS)
  return { arguments: { ...args, ...change }, usable }
}
const BAD_TICKETS: readonly JsonObject[] = [{ topic: 'legal' }, { topic: 'delivery', urgency: 'never' }]
const BAD_REFUNDS: readonly JsonObject[] = [{ amount_cents: 9_500 }, { amount_cents: -1 }, { extra: true }]
