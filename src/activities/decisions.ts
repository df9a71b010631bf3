import type {
  Activities,
  ActivityName,
  RecordDecisionInput,
  RecordedDecision,
  RecordProgressInput,
} from '../contracts/activities.ts'
import type {
  AdmitBudgetChangeInput,
  AdmitDecisionInput,
  AdmittedDecision,
  RecordRefusalInput,
  RecordRefusalsInput,
} from '../contracts/admission.ts'
import { isDeeperThan } from '../contracts/json.ts'
import { SIZES } from '../policies/limits.ts'
import * as approvals from '../store/approvals.ts'
import { recordDropped } from '../store/record-dropped.ts'
import { argumentsHash } from './arguments-hash.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { noteMessage } from './tool-message.ts'

type Decisions = Pick<
  Activities,
  | 'admitDecision'
  | 'admitBudgetChange'
  | 'recordRefusal'
  | 'recordRefusals'
  | 'recordProgress'
  | 'recordDecision'
>

/** What people decide: whether it is believed, and that it is on the record. */
export function createDecisions({
  database,
  findTool,
  admits,
}: Pick<Dependencies, 'database' | 'findTool' | 'admits'>): Decisions {
  function isUsable(activity: ActivityName, { tool: name, arguments: args, argumentsSha256 }: Edit): boolean {
    const tool = findTool(name)
    if (tool === null) throw failure(activity, 'agent_unknown')
    return (
      !isDeeperThan(args, SIZES.maxArgumentsDepth) &&
      argumentsHash(args) === argumentsSha256 &&
      Buffer.byteLength(JSON.stringify(args)) <= SIZES.maxArgumentsBytes &&
      tool.misfits(args).length === 0
    )
  }

  function recordRefusal({ run, approvalId, by, code }: RecordRefusalInput): Promise<void> {
    // A refused decision may be anything: see `admission.ts`.
    return approvals.recordRefusal(database, { run, approvalId: String(approvalId), by: String(by), code })
  }

  return {
    async admitDecision({ run, decision, tool }: AdmitDecisionInput): Promise<AdmittedDecision> {
      const admitted = admits('decision', run.runId, decision)
      const { arguments: args, editedSha256 } = decision
      if (!admitted || decision.decision !== 'edit') return { admitted, usable: true }
      if (tool === null || args === undefined || editedSha256 === undefined)
        return { admitted, usable: false }
      const edit = { tool, arguments: args, argumentsSha256: editedSha256 }
      return { admitted, usable: isUsable('admitDecision', edit) }
    },

    async admitBudgetChange({ run, change }: AdmitBudgetChangeInput) {
      // What a sub-agent may use is set aside from its parent's budget, which nobody could hold if this were raised.
      return { admitted: run.parentRunId === undefined && admits('budget_change', run.runId, change) }
    },

    recordRefusal,

    async recordRefusals({ run, refusals, dropped }: RecordRefusalsInput) {
      for (const refusal of refusals) await recordRefusal({ run, ...refusal })
      if (dropped > 0) await recordDropped(database, { run, dropped })
    },

    recordProgress: (input: RecordProgressInput) => approvals.recordProgress(database, input),

    async recordDecision(input: RecordDecisionInput): Promise<RecordedDecision> {
      const { run, approvalId, outcome, edited, toolResult } = input
      if (edited && !isUsable('recordDecision', edited)) {
        const refused = 'edited_arguments_invalid'
        await approvals.recordRefusal(database, { run, approvalId, by: outcome.by, code: refused })
        return { refused }
      }
      await approvals.recordDecision(database, {
        ...input,
        ...(toolResult && { message: noteMessage(toolResult) }),
      })
      return {}
    },
  }
}

type Edit = NonNullable<RecordDecisionInput['edited']>
