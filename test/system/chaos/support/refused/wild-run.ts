import type { ApprovalTerms } from '../../../../../src/contracts/approvals/approval.ts'
import type { RunPlan } from '../../../../../src/contracts/runs/plan.ts'
import { APPROVAL_TERMS } from '../../../../../src/policies/approvals.ts'
import { TWO_OF_FINANCE } from '../../../../support/terms.ts'
import { type Random, seeded } from '../../../simulation/random.ts'
import { clerkPlan } from '../pay-desk/plans.ts'
import { REQUESTERS } from './people.ts'
import { type TermsName, type WildCall, wildCall, wildTools } from './wild-call.ts'

/** What ends the waiting for people: they themselves, time, a cancel, or a stricter rule before they have spoken. */
export const FATES = ['people', 'people', 'people', 'time', 'cancel', 'tighten'] as const

/** One run made up of a seed: who asks, what its models want, on which terms, and what befalls it. */
export interface WildRun {
  readonly number: number
  readonly requester: (typeof REQUESTERS)[number]
  /** Calls of each step. */
  readonly steps: readonly (readonly WildCall[])[]
  readonly plan: RunPlan
  readonly terms: Readonly<Record<TermsName, ApprovalTerms>>
  readonly fate: (typeof FATES)[number]
  /** The rule that comes in, where its fate is one. */
  readonly rule: { readonly tool: WildCall['tool'] | '*'; readonly verdict: 'ask' | 'deny' }
  /** When a cancel comes: at once, or when somebody is asked, before or after others have spoken. */
  readonly cancelled: 'at_once' | 'first' | 'last'
  /** Its history is so short that it hands over while it waits. */
  readonly handsOver: boolean
}

export function wildRun(seed: number, number: number): WildRun {
  const random = seeded(seed * 7_919 + number)
  const requester = random.pick(REQUESTERS)
  const fate = random.pick(FATES)
  const handsOver = random.chance(0.4)
  const terms = { standard: wildTerms(random, fate), strict: strictTerms(random, fate) }
  const steps = Array.from({ length: random.chance(0.2) ? 2 : 1 }, (_, step) =>
    Array.from({ length: 1 + random.below(3) }, (_, call) =>
      wildCall(random, requester, placeText(number, step + 1, call)),
    ),
  )
  return {
    number,
    requester,
    steps,
    plan: wildPlan(random, terms, handsOver),
    terms,
    fate,
    rule: {
      tool: random.pick(['pay_out', 'open_ticket', '*']),
      verdict: random.pick(['ask', 'deny', 'deny']),
    },
    cancelled: random.pick(['at_once', 'first', 'first', 'last']),
    handsOver,
  }
}

/** Stands in a call's arguments. */
function placeText(run: number, step: number, call: number): string {
  return `Run ${run}, step ${step}, call ${call}.`
}

/** The number of the run that a call's arguments are of. */
export function runNumberIn(args: object): number {
  return Number(/Run (\d+), step/.exec(JSON.stringify(args))?.[1])
}

function wildPlan(random: Random, terms: WildRun['terms'], handsOver: boolean): RunPlan {
  const plan = clerkPlan({ historyEvents: handsOver ? 15 + random.below(25) : 3_000 })
  const idempotency = random.chance(0.15) ? 'none' : 'key'
  return { ...plan, tools: wildTools(plan.tools, idempotency), approvalTerms: terms }
}

function wildTerms(random: Random, fate: WildRun['fate']): ApprovalTerms {
  return {
    ...APPROVAL_TERMS.standard,
    ...time(random, fate),
    approvers: random.pick([[], ['finance'], ['managers']]),
    excludeRequester: random.chance(0.5),
  }
}

function strictTerms(random: Random, fate: WildRun['fate']): ApprovalTerms {
  return {
    ...TWO_OF_FINANCE,
    ...time(random, fate),
    rejection: random.pick(['ends', 'votes']),
  }
}

/** Ten minutes are for ever here. */
function time(random: Random, fate: WildRun['fate']) {
  if (fate !== 'time')
    return { timeoutMs: 600_000, onTimeout: 'reject', escalation: [], remindEveryMs: 0 } as const
  return {
    timeoutMs: 200 + random.below(1_500),
    onTimeout: random.pick(['reject', 'escalate', 'fail'] as const),
    escalation: random.chance(0.5) ? [{ afterMs: 100 + random.below(400), to: ['managers'] }] : [],
    remindEveryMs: random.pick([0, 300]),
  }
}
