import type { RecordRefusalInput } from '../../contracts/runs/admission.ts'
import { recordRefusal } from '../../store/approvals/record-refusal.ts'
import { recordDropped } from '../../store/runs/record-dropped.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'

/** Records submissions that do not count: decisions that were refused, and the number of those that were dropped unread. */
export function createRecordRefusals({
  database,
}: Pick<Dependencies, 'database'>): Held<'recordRefusal' | 'recordRefusals'> {
  return {
    recordRefusal: record,

    async recordRefusals({ run, refusals, dropped }) {
      for (const refusal of refusals) await record({ run, ...refusal })
      if (dropped > 0) await recordDropped(database, { run, dropped })
    },
  }

  /** Whoever reaches Temporal can send a decision of any shape: its approval and its author may be no texts. */
  function record({ run, approvalId, by, code }: RecordRefusalInput): Promise<void> {
    return recordRefusal(database, { run, approvalId: String(approvalId), by: String(by), code })
  }
}
