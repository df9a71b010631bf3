import {
  type ApprovalDecision,
  type ApprovalTerms,
  type Approvers,
  escalatedTo,
  firstApprovers,
} from '../../contracts/approvals/approval.ts'
import {
  type DecisionProblem,
  type EditedCall,
  findDecisionProblem,
} from '../../contracts/approvals/decision-problem.ts'
import { plannedTool, termsOf } from '../../contracts/runs/read-plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { needsLookUp } from '../../contracts/tools/look-up.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { decisionSha256 } from '../../security/decision-sha256.ts'
import {
  type AdmittedVote,
  admitVote,
  findBallot,
  lockBallots,
} from '../../store/approvals/admitted-votes.ts'
import type { Database, Db } from '../../store/database/database.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import { findStoredCall } from '../../store/tools/authorised-call.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AcceptedRun, Held } from '../runs/accepted-runs.ts'
import { factsOfRules } from '../tools/found-of-call.ts'
import { isEditUsable } from '../tools/usable-edit.ts'
import { decisiveVote } from './decisive-vote.ts'
import { findKnown } from './known-of-call.ts'

/** Admits a person's decision: it comes from the person that it names, and the store's own approval allows it. */
export function createAdmitDecision(
  deps: Pick<Dependencies, 'database' | 'app' | 'admits'>,
): Held<'admitDecision'>['admitDecision'] {
  const { database, admits } = deps

  return async ({ run, decision, tool, unfit }, accepted) => {
    if (!admits('decision', run.runId, decision)) return { admitted: false, usable: true }
    if (decision.decision === 'edit' && !isEditUsable(deps, 'admitDecision', tool, decision))
      return { admitted: true, usable: false }
    if (unfit) return { admitted: true, usable: true }
    const problem = await admit(database, run, accepted, decision)
    return { admitted: true, usable: true, ...(problem !== null && { problem }) }
  }
}

/**
 * Stores a person's decision as a vote, by the rules that the workflow checks it by too. Decisions are recorded, and calls made, only by
 * the votes that are stored here.
 *
 * @returns why it is not stored; null where it is
 */
async function admit(
  database: Database,
  run: RunIdentity,
  { plan, principal }: AcceptedRun,
  decision: ApprovalDecision,
): Promise<DecisionProblem | 'not_found' | 'edit_not_looked_up' | null> {
  const place = placeOf(run, decision.approvalId)
  if (plan === null) return null
  if (place === null) return 'not_found'
  // In turns: of two votes that could each decide the approval, only the first is stored, and so the workflow applies no other.
  return database.transaction(async (tx) => {
    await lockBallots(tx, run)
    const call = await findStoredCall(tx, { run, ...place, again: 0 })
    const ballot = await findBallot(tx, { run, approvalId: decision.approvalId })
    if (call === null) return 'not_found'
    if (ballot.votes.some((vote) => isSame(vote, decision))) return null
    const termsName = call.terms ?? 'standard'
    const terms = ballot.terms ?? termsOf(plan, termsName)
    const isOver = ballot.status !== null && ballot.status !== 'pending'
    if (isOver || decisiveVote(terms, ballot.votes) !== undefined) return 'already_decided'
    const tool = plannedTool(plan, call.tool)
    const argumentsSha256 = call.argumentsSha256 ?? decision.argumentsSha256
    const key = { run, ...place, argumentsSha256 }
    const known = await findKnown(tx, tool, key)
    // Nobody has been asked yet, since something that has to be looked up before is missing.
    if (known === null) return 'not_found'
    const { facts, approvers } = known
    const edited = await findEdited(tx, { key, tool, terms, ageMs: call.ageMs }, decision)
    if (edited === 'missing') return 'edit_not_looked_up'
    const problem = findDecisionProblem(
      {
        decisionSha256: facts === null ? argumentsSha256 : decisionSha256(call.arguments, facts),
        cause: place.cause,
        terms,
        termsName,
        approvers: approversAt(terms, approvers, call.ageMs),
        requester: principal,
        voters: ballot.votes.map(({ by }) => by),
        tool,
        tightened: [],
        ...(edited && { edited }),
      },
      decision,
    )
    if (problem === null) await admitVote(tx, { run, decision })
    return problem
  })
}

/** What was looked up of the edited call; `missing` where something has to be looked up and was not. */
async function findEdited(
  db: Db,
  { key, tool, terms, ageMs }: Editable,
  { decision, editedSha256 }: ApprovalDecision,
): Promise<EditedCall | 'missing' | undefined> {
  if (decision !== 'edit' || editedSha256 === undefined || !needsLookUp(tool)) return undefined
  const found = await findKnown(db, tool, { ...key, argumentsSha256: editedSha256 })
  if (found === null) return 'missing'
  const { facts, approvers } = found
  return {
    facts: facts && factsOfRules(tool, facts),
    ...(approvers && { approvers: approversAt(terms, approvers, ageMs) }),
  }
}

interface Editable {
  readonly key: Parameters<typeof findKnown>[2]
  readonly tool: PlannedTool
  readonly terms: ApprovalTerms
  readonly ageMs: number
}

/** The step and index of an approval's call; null where the id belongs to no approval of the run. */
function placeOf({ runId }: RunIdentity, approvalId: string) {
  const stem = `apr_${runId.slice('run_'.length)}_`
  const [, step, index, again] =
    (approvalId.startsWith(stem) && /^(\d{1,9})_(\d{1,9})_(\d{1,9})$/.exec(approvalId.slice(stem.length))) ||
    []
  if (step === undefined) return null
  const cause = again === '0' ? ('policy' as const) : ('outcome_unknown' as const)
  return { step: Number(step), index: Number(index), cause }
}

/** The same decision, sent again or tried again. */
function isSame(vote: AdmittedVote, { by, decision, editedSha256, message }: ApprovalDecision): boolean {
  const isSameEdit = decision !== 'edit' || vote.editedSha256 === editedSha256
  const isSameMessage = vote.message === storableText(message ?? null)
  return vote.by === storableText(by) && vote.decision === decision && isSameEdit && isSameMessage
}

/**
 * Who may decide `ageMs` after the model's answer was stored. The approval is requested after that, so an escalation is due here no later
 * than by the workflow's clock; the workflow has the last word.
 */
function approversAt(terms: ApprovalTerms, named: Approvers | null, ageMs: number): Approvers {
  const { escalation, onTimeout, timeoutMs } = terms
  const expired = onTimeout === 'escalate' ? Math.floor(ageMs / timeoutMs) : 0
  const due = escalation.filter(({ afterMs }) => afterMs <= ageMs).length + expired
  return escalatedTo(firstApprovers(terms, named ?? undefined), terms, due)
}
