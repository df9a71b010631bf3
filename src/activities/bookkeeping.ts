import type {
  Activities,
  CloseRunInput,
  NoteToolResultsInput,
  OpenRunInput,
  RequestApprovalInput,
} from '../contracts/activities.ts'
import * as approvals from '../store/approvals.ts'
import * as runs from '../store/runs.ts'
import { loadArguments } from '../store/tool-calls.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { noteMessage } from './tool-message.ts'

type Bookkeeping = Pick<Activities, 'openRun' | 'requestApproval' | 'noteToolResults' | 'closeRun'>

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
        notes: notes.map(({ code = 'tool_failed', ...note }) => ({
          seq: note.seq,
          index: note.index,
          message: noteMessage({ ...note, code }),
          code,
          rule: note.rule ?? null,
        })),
      }),

    closeRun: ({ failedHops = [], ...input }: CloseRunInput) =>
      runs.closeRun(database, { ...input, failedHops }),
  }
}
