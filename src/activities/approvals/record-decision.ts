import type { RecordDecisionInput, RecordedDecision } from '../../contracts/approvals/approval-record.ts'
import { OUTCOME_OF } from '../../contracts/approvals/decision-problem.ts'
import { callingAgent, startedAgent } from '../../contracts/runs/agents-of-plan.ts'
import { findBallot, withdrawEdit } from '../../store/approvals/admitted-votes.ts'
import { recordDecision } from '../../store/approvals/record-decision.ts'
import { recordRefusal } from '../../store/approvals/record-refusal.ts'
import type { Db } from '../../store/database/database.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { noteMessage } from '../tool-message.ts'
import { isUsable } from '../tools/usable-edit.ts'
import { decisiveVote } from './decisive-vote.ts'

/**
 * Records what became of an approval. An edit that this worker's tool does not take is recorded as refused, and the approval waits on.
 *
 * @throws Forged `not_decided` where the admitted votes do not come to this decision
 */
export function createRecordDecision(
  deps: Pick<Dependencies, 'database' | 'app' | 'telemetry'>,
): Held<'recordDecision'>['recordDecision'] {
  const { database, telemetry } = deps

  return async (input, { plan }): Promise<RecordedDecision> => {
    const { run, approvalId, outcome, edited, toolResult } = input
    // The worker that admitted the edit may be of another build, whose tool takes other arguments.
    if (edited && !isUsable(deps, 'recordDecision', edited)) {
      const refused = 'edited_arguments_invalid'
      const { by } = outcome
      await recordRefusal(database, { run, approvalId, by, code: refused })
      await withdrawEdit(database, { run, approvalId, by, editedSha256: edited.argumentsSha256 })
      return { refused }
    }
    if (plan !== null && !(await isDecided(database, input))) throw new Forged('not_decided')
    const decision = { ...input, ...(toolResult && { message: noteMessage(toolResult) }) }
    const decided = await recordDecision(database, decision)
    if (decided === null) return {}
    const { isLast, handedBy, ...approval } = decided
    const factRun = toFactRun(run)
    const what = { approvalId, outcome: outcome.status, by: outcome.by }
    const agent = callingAgent(plan, handedBy)
    telemetry.record({ type: 'approval.decided', run: factRun, agent, ...approval, ...what })
    if (isLast)
      telemetry.record({
        type: 'run.goes_on',
        run: factRun,
        agent: startedAgent(plan),
        waitedFor: 'approval',
      })
    return {}
  }
}

/** Whether the admitted votes come to this decision. Time and the policy decide without votes, and have no words for the model. */
async function isDecided(
  db: Db,
  { run, approvalId, outcome, edited, toolResult }: RecordDecisionInput,
): Promise<boolean> {
  // The model must be shown what the person has said, and nothing else in their name.
  if (toolResult !== undefined && toolResult.message !== outcome.message) return false
  const isWithoutVotes =
    outcome.status === 'expired' || (outcome.status === 'rejected' && outcome.by === 'policy')
  if (isWithoutVotes) return outcome.message === undefined
  const { terms, votes } = await findBallot(db, { run, approvalId })
  const decisive = terms === null ? undefined : decisiveVote(terms, votes)
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
