import type {
  Activities,
  CloseRunInput,
  NoteToolResultsInput,
  OpenRunInput,
  RecordBudgetInput,
  RequestApprovalInput,
} from '../contracts/activities.ts'
import * as approvals from '../store/approvals.ts'
import { recordBudget } from '../store/record-budget.ts'
import * as runs from '../store/runs.ts'
import { loadArguments } from '../store/tool-calls.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { noteMessage } from './tool-message.ts'

type Bookkeeping = Pick<
  Activities,
  'openRun' | 'requestApproval' | 'noteToolResults' | 'recordBudget' | 'closeRun'
>

/** The activities that only write down what the workflow has decided: one statement each, safe to repeat. */
export function createBookkeeping({ database }: Pick<Dependencies, 'database'>): Bookkeeping {
  return {
    openRun: (input: OpenRunInput) => runs.openRun(database, input),

    async requestApproval(input: RequestApprovalInput) {
      const { run, step, index } = input
      const args = input.arguments ?? (await loadArguments(database, { runId: run.runId, step, index }))
      if (args === null) throw failure('requestApproval', 'tool_arguments_mismatch')
      await approvals.requestApproval(database, { ...input, arguments: args })
    },

    noteToolResults: ({ run, step, notes }: NoteToolResultsInput) =>
      approvals.recordDenied(database, {
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
      }),

    recordBudget: (input: RecordBudgetInput) => recordBudget(database, input),

    closeRun: ({ failedHops = [], ...input }: CloseRunInput) =>
      runs.closeRun(database, { ...input, failedHops }),
  }
}
