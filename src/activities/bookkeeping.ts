import type {
  Activities,
  CloseRunInput,
  NoteToolResultsInput,
  OpenRunInput,
  RecordDecisionInput,
  RequestApprovalInput,
  ToolResultNote,
} from '../contracts/activities.ts'
import type { ToolMessage } from '../contracts/message.ts'
import * as approvals from '../store/approvals.ts'
import * as runs from '../store/runs.ts'
import { loadArguments } from '../store/tool-calls.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { errorMessage } from './tool-message.ts'

type Bookkeeping = Omit<Activities, 'callModel' | 'runTool'>

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

    recordDecision: (input: RecordDecisionInput) =>
      approvals.recordDecision(database, {
        ...input,
        ...(input.toolResult && { message: messageOf(input.toolResult) }),
      }),

    noteToolResults: ({ run, step, notes }: NoteToolResultsInput) =>
      approvals.recordDenied(database, {
        run,
        step,
        notes: notes.map((note) => ({
          seq: note.seq,
          index: note.index,
          message: messageOf(note),
          code: note.code,
          rule: note.rule ?? null,
        })),
      }),

    closeRun: ({ failedHops = [], ...input }: CloseRunInput) =>
      runs.closeRun(database, { ...input, failedHops }),
  }
}

/** What a model is told in a result's place. A person's words are passed on as such. */
function messageOf({ callId, tool, code, message }: ToolResultNote): ToolMessage {
  return errorMessage(
    { callId, tool },
    code,
    undefined,
    message === undefined ? {} : { person_says: message },
  )
}
