import type {
  Activities,
  NoteToolResultsInput,
  OpenRunInput,
  RecordBudgetInput,
  RequestApprovalInput,
} from '../contracts/activities.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../contracts/ending.ts'
import * as approvals from '../store/approvals.ts'
import { recordBudget } from '../store/record-budget.ts'
import { recordModelWait } from '../store/record-model-wait.ts'
import * as runs from '../store/runs.ts'
import { loadArguments } from '../store/tool-calls.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { noteMessage } from './tool-message.ts'
import { whatThereIs } from './what-there-is.ts'

type Bookkeeping = Pick<
  Activities,
  'openRun' | 'requestApproval' | 'noteToolResults' | 'recordBudget' | 'recordModelWait' | 'closeRun'
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

    recordModelWait: (input: RecordModelWaitInput) => recordModelWait(database, input),

    async closeRun(input: CloseRunInput) {
      const { failedHops = [], answer: given, ...close } = input
      const answer = given?.fromRecord ? await whatThereIs(database, { ...input, answer: given }) : given
      return runs.closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
    },
  }
}
