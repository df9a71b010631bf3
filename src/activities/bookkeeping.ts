import type { NoteToolResultsInput, OpenRunInput, RecordBudgetInput } from '../contracts/activities.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../contracts/ending.ts'
import * as approvals from '../store/approvals.ts'
import { planSha256 } from '../store/plan-sha256.ts'
import { recordBudget } from '../store/record-budget.ts'
import { recordModelWait } from '../store/record-model-wait.ts'
import * as runs from '../store/runs.ts'
import type { AcceptedRun, Held } from './accepted-runs.ts'
import type { Dependencies } from './dependencies.ts'
import { Forged } from './forged.ts'
import { noteMessage } from './tool-message.ts'
import { whatThereIs } from './what-there-is.ts'

type Bookkeeping = Held<'openRun' | 'noteToolResults' | 'recordBudget' | 'recordModelWait' | 'closeRun'>

/** The activities that only write down what the workflow has decided: one statement each, safe to repeat. */
export function createBookkeeping({ database }: Pick<Dependencies, 'database'>): Bookkeeping {
  return {
    async openRun(input: OpenRunInput, { planSha256: accepted }: AcceptedRun) {
      if (accepted !== null && planSha256(input.plan) !== accepted) throw new Forged('other_plan')
      await runs.openRun(database, input)
    },

    async noteToolResults({ run, step, notes }: NoteToolResultsInput) {
      // A person's words come with a decision, and never in a note.
      if (notes.some(({ message }) => message !== undefined)) throw new Forged('not_decided')
      await approvals.recordDenied(database, {
        run,
        step,
        notes: notes.map((note) => {
          const code = note.handoff === undefined ? (note.code ?? 'tool_failed') : null
          return {
            seq: note.seq,
            index: note.index,
            message: noteMessage(code === null ? note : { ...note, code }),
            code,
            handoff: note.handoff ?? null,
            rule: note.rule ?? null,
          }
        }),
      })
    },

    recordBudget: (input: RecordBudgetInput) => recordBudget(database, input),

    recordModelWait: (input: RecordModelWaitInput) => recordModelWait(database, input),

    async closeRun(input: CloseRunInput) {
      const { failedHops = [], answer: given, ...close } = input
      const answer = given?.fromRecord ? await whatThereIs(database, { ...input, answer: given }) : given
      return runs.closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
    },
  }
}
