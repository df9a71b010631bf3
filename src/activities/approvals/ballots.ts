import {
  type ApprovalDecision,
  type ApprovalTerms,
  type Approvers,
  escalatedTo,
  firstApprovers,
} from '../../contracts/approval.ts'
import type { RecordDecisionInput, RecordProgressInput } from '../../contracts/approval-record.ts'
import {
  type EditedCall,
  OUTCOME_OF,
  precheckDecision,
  type VoiceProblem,
  voicesNeeded,
} from '../../contracts/check-voice.ts'
import { needsLookUp } from '../../contracts/look-up.ts'
import { plannedTool, termsOf } from '../../contracts/read-plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { PlannedTool } from '../../contracts/tool.ts'
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
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { factsOfRules } from '../tools/found-of-call.ts'
import { findKnown } from './known-of-call.ts'

/**
 * Keeps what a person has decided, if the store's own approval lets them: by the rules that the workflow checks it by. What is
 * recorded as decided, and so what is called, follows from the votes that are kept here.
 *
 * @returns why it is not kept; null where it is
 */
export async function admit(
  database: Database,
  run: RunIdentity,
  { plan, principal }: AcceptedRun,
  decision: ApprovalDecision,
): Promise<VoiceProblem | 'not_found' | 'edit_not_looked_up' | null> {
  const place = placeOf(run, decision.approvalId)
  if (plan === null) return null
  if (place === null) return 'not_found'
  // One after the other: of two that could each decide it, only the first is kept, and so the workflow takes no other.
  return database.transaction(async (tx) => {
    await lockBallots(tx, run)
    const call = await findStoredCall(tx, { run, ...place, again: 0 })
    const ballot = await findBallot(tx, { run, approvalId: decision.approvalId })
    if (call === null) return 'not_found'
    if (ballot.votes.some((vote) => isSame(vote, decision))) return null
    const termsName = call.terms ?? 'standard'
    const terms = ballot.terms ?? termsOf(plan, termsName)
    const isOver = ballot.status !== null && ballot.status !== 'pending'
    if (isOver || tally(terms, ballot.votes) !== undefined) return 'already_decided'
    const tool = plannedTool(plan, call.tool)
    const argumentsSha256 = call.argumentsSha256 ?? decision.argumentsSha256
    const key = { run, ...place, argumentsSha256 }
    const known = await findKnown(tx, tool, key)
    // Of what has to be known before anybody is asked something is missing: nobody has been.
    if (known === null) return 'not_found'
    const { facts, approvers } = known
    const edited = await findEdited(tx, { key, tool, terms, ageMs: call.ageMs }, decision)
    if (edited === 'missing') return 'edit_not_looked_up'
    const problem = precheckDecision(
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

/** What was looked up of the call as an edit would have it; `missing` where that has to be known and is not. */
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

/** Where the call of an approval stands; null for an id that is none of the run's. */
function placeOf({ runId }: RunIdentity, approvalId: string) {
  const stem = `apr_${runId.slice('run_'.length)}_`
  const [, step, index, again] =
    (approvalId.startsWith(stem) && /^(\d{1,9})_(\d{1,9})_(\d{1,9})$/.exec(approvalId.slice(stem.length))) ||
    []
  if (step === undefined) return null
  const cause = again === '0' ? ('policy' as const) : ('outcome_unknown' as const)
  return { step: Number(step), index: Number(index), cause }
}

/** The same decision, sent or tried again. */
function isSame(vote: AdmittedVote, { by, decision, editedSha256, message }: ApprovalDecision): boolean {
  const isSameEdit = decision !== 'edit' || vote.editedSha256 === editedSha256
  const isSameMessage = vote.message === storableText(message ?? null)
  return vote.by === storableText(by) && vote.decision === decision && isSameEdit && isSameMessage
}

/**
 * Who may decide so long after the call was wanted. It is never later that they are asked than by the workflow's clock, which
 * starts with the asking and decides between the two.
 */
function approversAt(terms: ApprovalTerms, named: Approvers | null, ageMs: number): Approvers {
  const { escalation, onTimeout, timeoutMs } = terms
  const expired = onTimeout === 'escalate' ? Math.floor(ageMs / timeoutMs) : 0
  const due = escalation.filter(({ afterMs }) => afterMs <= ageMs).length + expired
  return escalatedTo(firstApprovers(terms, named ?? undefined), terms, due)
}

/** Whether people have decided what is to be recorded as their decision. What time and the policy say no to needs nobody. */
export async function isDecided(
  db: Db,
  { run, approvalId, outcome, edited, toolResult }: RecordDecisionInput,
): Promise<boolean> {
  // What the model is told is what the person has said.
  if (toolResult !== undefined && toolResult.message !== outcome.message) return false
  const isNobodys = outcome.status === 'expired' || (outcome.status === 'rejected' && outcome.by === 'policy')
  if (isNobodys) return outcome.message === undefined
  const { terms, votes } = await findBallot(db, { run, approvalId })
  const decisive = terms === null ? undefined : tally(terms, votes)
  return (
    decisive !== undefined &&
    OUTCOME_OF[decisive.decision] === outcome.status &&
    votes.some(
      (vote) =>
        vote.by === storableText(outcome.by) &&
        vote.decision === decisive.decision &&
        vote.editedSha256 === (edited?.argumentsSha256 ?? null) &&
        vote.message === storableText(outcome.message ?? null),
    )
  )
}

/** The vote that the approval is decided with; undefined while it is not. */
function tally(terms: ApprovalTerms, votes: readonly AdmittedVote[]): AdmittedVote | undefined {
  return votes.find(({ decision }, place) => {
    const agreeing = votes.slice(0, place + 1).filter((vote) => vote.decision === decision).length
    return agreeing >= voicesNeeded(terms, decision)
  })
}

/** Whether the votes that are to be recorded were cast. */
export async function areCast(db: Db, { run, approvalId, votes }: RecordProgressInput): Promise<boolean> {
  if (votes.length === 0) return true
  const ballot = await findBallot(db, { run, approvalId })
  return votes.every(({ by, decision }) =>
    ballot.votes.some((vote) => vote.by === storableText(by) && vote.decision === decision),
  )
}
