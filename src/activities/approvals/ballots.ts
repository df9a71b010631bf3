import type { RecordDecisionInput, RecordProgressInput } from '../../contracts/activities.ts'
import type { ApprovalDecision, ApprovalTerms } from '../../contracts/approval.ts'
import { OUTCOME_OF, precheckDecision, type VoiceProblem, voicesNeeded } from '../../contracts/check-voice.ts'
import { plannedTool, termsOf } from '../../contracts/read-plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
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
): Promise<VoiceProblem | 'not_found' | 'already_decided' | null> {
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
    const problem = precheckDecision(
      {
        argumentsSha256: call.argumentsSha256 ?? decision.argumentsSha256,
        cause: place.cause,
        terms,
        termsName,
        approvers: approversAt(terms, call.ageMs),
        requester: principal,
        voters: ballot.votes.map(({ by }) => by),
        tool: plannedTool(plan, call.tool),
        tightened: [],
      },
      decision,
    )
    if (problem === null) await admitVote(tx, { run, decision })
    return problem
  })
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
function approversAt(
  { approvers, escalation, onTimeout, timeoutMs }: ApprovalTerms,
  ageMs: number,
): readonly string[] {
  if (approvers.length === 0) return []
  const expired = onTimeout === 'escalate' ? Math.floor(ageMs / timeoutMs) : 0
  const due = escalation.filter(({ afterMs }) => afterMs <= ageMs).length + expired
  return [...approvers, ...escalation.slice(0, due).flatMap(({ to }) => to)]
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
