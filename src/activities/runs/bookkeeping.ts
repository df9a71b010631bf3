import type { NoteToolResultsInput, OpenRunInput, RecordBudgetInput } from '../../contracts/activities.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../../contracts/ending.ts'
import { recordBudget } from '../../store/budgets/record-budget.ts'
import { recordModelWait } from '../../store/models/record-model-wait.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import { markRunStarted } from '../../store/runs/mark-run-started.ts'
import { planSha256 } from '../../store/runs/plan-sha256.ts'
import { noteToolResults as storeNotes } from '../../store/tools/note-tool-results.ts'
import type { Dependencies } from '../dependencies.ts'
import { noteMessage } from '../tool-message.ts'
import type { AcceptedRun, Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'
import { whatThereIs } from './what-there-is.ts'

type Bookkeeping = Held<'openRun' | 'noteToolResults' | 'recordBudget' | 'recordModelWait' | 'closeRun'>

/** The activities that only write down what the workflow has decided: one statement each, safe to repeat. */
export function createBookkeeping({ database }: Pick<Dependencies, 'database'>): Bookkeeping {
  return {
    async openRun(input: OpenRunInput, { planSha256: accepted }: AcceptedRun) {
      if (accepted !== null && planSha256(input.plan) !== accepted) throw new Forged('other_plan')
      const { cancelRequested } = await markRunStarted(database, input)
      return cancelRequested ? { cancelRequested } : undefined
    },

    async noteToolResults({ run, step, notes }: NoteToolResultsInput) {
      // A person's words come with a decision, and never in a note.
      if (notes.some(({ message }) => message !== undefined)) throw new Forged('not_decided')
      await storeNotes(database, {
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
      return closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
    },
  }
}
