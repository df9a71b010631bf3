import type { ApprovalTerms } from '../../contracts/approvals/approval.ts'
import { votesNeeded } from '../../contracts/approvals/decision-problem.ts'
import type { AdmittedVote } from '../../store/approvals/admitted-votes.ts'

/** The vote that decides the approval: the first with which its decision has as many votes as the terms ask for. */
export function decisiveVote(terms: ApprovalTerms, votes: readonly AdmittedVote[]): AdmittedVote | undefined {
  return votes.find(({ decision }, place) => {
    const agreeing = votes.slice(0, place + 1).filter((vote) => vote.decision === decision).length
    return agreeing >= votesNeeded(terms, decision)
  })
}
