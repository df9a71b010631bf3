import type { ApprovalResource } from '../../../../../src/api/approvals/approval.schema.ts'
import {
  type ApprovalId,
  DECISIONS,
  type DecisionKind,
} from '../../../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../../../src/contracts/json.ts'
import { type Random, seeded } from '../../../simulation/random.ts'
import type { DecisionSender } from './decision-sender.ts'
import { mayDecide, NAMES, OUTSIDERS, PEOPLE } from './people.ts'
import type { PlayedRun } from './played-run.ts'
import { type Answer, type DecisionDraft, FLAWS, type Target } from './sent-decision.ts'
import { edited } from './wild-call.ts'

/** What people do about one approval of a run: first all at once and anyhow, then what the run's fate wants. */
export async function act(
  run: PlayedRun,
  approval: ApprovalResource,
  seed: number,
  { send }: DecisionSender,
): Promise<void> {
  const { wild } = run
  const [step, index, again] = approval.id.split('_').slice(-3).map(Number)
  const random = seeded(
    seed * 104_729 + wild.number * 1_000 + Number(step) * 100 + Number(index) * 10 + Number(again),
  )
  const target: Target = {
    id: approval.id as ApprovalId,
    runId: run.runId,
    workflowId: run.workflowId,
    argumentsSha256: approval.arguments_sha256,
  }
  if (wild.handsOver) await run.fillHistory()
  if (wild.fate === 'tighten') await run.tighten()
  const stopsFirst = wild.fate === 'cancel' && wild.cancelled !== 'last'
  if (stopsFirst) await run.cancel()

  const crowd = Array.from({ length: random.below(4) }, () => anybody(random, approval, stopsFirst))
  await Promise.all(crowd.map((draft) => send(target, draft, random.chance(0.3) ? 2 : 1)))

  if (wild.fate === 'time') return
  if (wild.fate === 'cancel') await run.cancel()
  else if (await decided(run, approval, random, (draft) => send(target, draft))) return
  // No decision is left that could end it; or it has been stopped, and somebody does not know that.
  await run.cancel()
  await send(target, { ...rightful(run, approval, random), isLate: true })
}

/** Everybody who may decide sends the same decision, one after the other; resolves to whether that has ended the approval. */
async function decided(
  { wild }: PlayedRun,
  approval: ApprovalResource,
  random: Random,
  send: (draft: DecisionDraft) => Promise<Answer>,
): Promise<boolean> {
  const terms = wild.terms[approval.quorum.required > 1 ? 'strict' : 'standard']
  const decision = kindOf(random, approval.allowed_decisions)
  const people = shuffled(random, NAMES).filter((name) =>
    mayDecide(terms, wild.requester, name, PEOPLE[name]),
  )
  for (const by of people) {
    const draft = { by, flaw: null, how: random.chance(0.3) ? 'signal' : 'rest' } as const
    const answer = await send({
      ...draft,
      ...contentOf(random, decision, approval.arguments as JsonObject, true),
    })
    if (answer.type === 'gone') return true
    if (answer.type === 'sent' && approval.quorum.required === 1) return true
    if (answer.type === 'accepted' && answer.status !== 'pending') return true
    if (answer.type === 'refused' && ENDED.has(answer.code)) return true
  }
  return false
}
const ENDED: ReadonlySet<string> = new Set(['already_decided', 'run_ended'])

/** A decision of anybody at all, right or wrong. */
function anybody(random: Random, approval: ApprovalResource, isLate: boolean): DecisionDraft {
  const how = random.pick(['rest', 'signal'] as const)
  const by = how === 'rest' && random.chance(0.1) ? random.pick(OUTSIDERS) : random.pick(NAMES)
  const wrong = random.chance(0.6) ? random.pick(FLAWS) : null
  // Over HTTP it is the API that signs.
  const flaw = how === 'rest' && wrong !== 'stale' ? null : wrong
  // Now and then what is not on offer.
  const decision = kindOf(random, random.chance(0.9) ? approval.allowed_decisions : DECISIONS)
  const draft = contentOf(random, decision, approval.arguments as JsonObject, false)
  return { ...draft, by, how, isLate, flaw: draft.flaw ?? (flaw === 'unusable' ? null : flaw) }
}

/** An approval by somebody who may decide. */
function rightful({ wild }: PlayedRun, approval: ApprovalResource, random: Random): DecisionDraft {
  const terms = wild.terms[approval.quorum.required > 1 ? 'strict' : 'standard']
  const people = NAMES.filter((name) => mayDecide(terms, wild.requester, name, PEOPLE[name]))
  return {
    by: random.pick(people),
    decision: 'approve',
    how: random.pick(['rest', 'signal'] as const),
    flaw: null,
  }
}

function kindOf(random: Random, onOffer: readonly DecisionKind[]): DecisionKind {
  const kind = random.pick(['approve', 'approve', 'approve', 'reject', 'edit', 'edit', 'respond'] as const)
  return onOffer.includes(kind) ? kind : 'approve'
}

function contentOf(
  random: Random,
  decision: DecisionKind,
  args: JsonObject,
  isUsable: boolean,
): Pick<DecisionDraft, 'decision' | 'flaw'> & { edited?: JsonObject } {
  if (decision !== 'edit') return { decision, flaw: null }
  const change = edited(random, args, isUsable)
  return { decision, edited: change.arguments, flaw: change.usable ? null : 'unusable' }
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
