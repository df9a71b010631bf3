import type {
  AdmitBudgetChangeInput,
  AdmitDecisionInput,
  RecordRefusalInput,
  RecordRefusalsInput,
} from '../../contracts/admission.ts'
import type { AdmittedDecision } from '../../contracts/approval.ts'
import type {
  RecordDecisionInput,
  RecordedDecision,
  RecordProgressInput,
} from '../../contracts/approval-record.ts'
import { withdrawEdit } from '../../store/approvals/admitted-votes.ts'
import * as decisions from '../../store/approvals/record-decision.ts'
import * as progress from '../../store/approvals/record-progress.ts'
import * as refusals from '../../store/approvals/record-refusal.ts'
import { admitBudgetChange } from '../../store/budgets/admit-budget-change.ts'
import { recordDropped } from '../../store/runs/record-dropped.ts'
import { attemptsName } from '../attempts-name.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AcceptedRun, Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { noteMessage } from '../tool-message.ts'
import { isEditUsable, isUsable } from '../tools/usable-edit.ts'
import { admit, areCast, isDecided } from './ballots.ts'

type Decisions = Held<
  | 'admitDecision'
  | 'admitBudgetChange'
  | 'recordRefusal'
  | 'recordRefusals'
  | 'recordProgress'
  | 'recordDecision'
>

/** What people decide: whether it is believed, and that it is on the record. */
export function createDecisions(deps: Pick<Dependencies, 'database' | 'app' | 'admits'>): Decisions {
  const { database, admits } = deps

  function recordRefusal({ run, approvalId, by, code }: RecordRefusalInput): Promise<void> {
    // A refused decision may be anything: see `admission.ts`.
    return refusals.recordRefusal(database, { run, approvalId: String(approvalId), by: String(by), code })
  }

  return {
    async admitDecision(
      { run, decision, tool, unfit }: AdmitDecisionInput,
      accepted: AcceptedRun,
    ): Promise<AdmittedDecision> {
      if (!admits('decision', run.runId, decision)) return { admitted: false, usable: true }
      if (decision.decision === 'edit' && !isEditUsable(deps, 'admitDecision', tool, decision))
        return { admitted: true, usable: false }
      if (unfit) return { admitted: true, usable: true }
      const problem = await admit(database, run, accepted, decision)
      return { admitted: true, usable: true, ...(problem !== null && { problem }) }
    },

    async admitBudgetChange({ run, change }: AdmitBudgetChangeInput) {
      // What a sub-agent may use is set aside from its parent's budget, which nobody could hold if this were raised.
      const admitted = run.parentRunId === undefined && admits('budget_change', run.runId, change)
      if (admitted) await admitBudgetChange(database, { run, change, changeId: change.id ?? attemptsName() })
      return { admitted }
    },

    recordRefusal,

    async recordRefusals({ run, refusals, dropped }: RecordRefusalsInput) {
      for (const refusal of refusals) await recordRefusal({ run, ...refusal })
      if (dropped > 0) await recordDropped(database, { run, dropped })
    },

    async recordProgress(input: RecordProgressInput, { plan }: AcceptedRun) {
      if (plan !== null && !(await areCast(database, input))) throw new Forged('not_decided')
      await progress.recordProgress(database, input)
    },

    async recordDecision(input: RecordDecisionInput, { plan }: AcceptedRun): Promise<RecordedDecision> {
      const { run, approvalId, outcome, edited, toolResult } = input
      // The worker that admitted the edit may be of another build, whose tool takes other arguments.
      if (edited && !isUsable(deps, 'recordDecision', edited)) {
        const refused = 'edited_arguments_invalid'
        const { by } = outcome
        await refusals.recordRefusal(database, { run, approvalId, by, code: refused })
        await withdrawEdit(database, { run, approvalId, by, editedSha256: edited.argumentsSha256 })
        return { refused }
      }
      if (plan !== null && !(await isDecided(database, input))) throw new Forged('not_decided')
      await decisions.recordDecision(database, {
        ...input,
        ...(toolResult && { message: noteMessage(toolResult) }),
      })
      return {}
    },
  }
}
